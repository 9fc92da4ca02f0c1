import { z } from 'zod'

const claim = z.string().min(1).max(100)

/** In which of an issuer's claims stands what is compared. */
export const claimNames = z.strictObject({
  /** Ids, not names: a name that was given up can be taken by somebody else. */
  ownerId: claim,
  repositoryId: claim,
  /** For people alone. */
  repository: claim,
  workflow: claim,
  environment: claim.optional(),
  ref: claim.optional(),
  event: claim.optional(),
  run: claim.optional(),
  commit: claim.optional(),
})

/** An issuer of identities for workflows. */
export interface OidcIssuer {
  /** Exactly as tokens name it. */
  readonly issuer: string
  /** What pages and statements call it. */
  readonly name: string
  /** For whom it makes identities; without one, for the registry's address. */
  readonly audience?: string | undefined
  readonly claims: z.infer<typeof claimNames>
  /** Addresses of its repositories begin so; without one, only their names are compared. */
  readonly repositories?: string | undefined
  /** What a workflow must not have been started by: a stranger's pull request would choose what is published. */
  readonly refusedEvents: readonly string[]
}

/** Those that need no set-up. */
export const knownIssuers: readonly OidcIssuer[] = [
  {
    issuer: 'https://token.actions.githubusercontent.com',
    name: 'github',
    repositories: 'https://github.com/',
    claims: {
      ownerId: 'repository_owner_id',
      repositoryId: 'repository_id',
      repository: 'repository',
      workflow: 'workflow_ref',
      environment: 'environment',
      ref: 'ref',
      event: 'event_name',
      run: 'run_id',
      commit: 'sha',
    },
    refusedEvents: ['pull_request_target', 'workflow_run', 'pull_request'],
  },
  {
    issuer: 'https://gitlab.com',
    name: 'gitlab',
    repositories: 'https://gitlab.com/',
    claims: {
      ownerId: 'namespace_id',
      repositoryId: 'project_id',
      repository: 'project_path',
      workflow: 'ci_config_ref_uri',
      environment: 'environment',
      ref: 'ref_path',
      event: 'pipeline_source',
      run: 'pipeline_id',
      commit: 'sha',
    },
    refusedEvents: ['merge_request_event', 'external_pull_request_event'],
  },
]
