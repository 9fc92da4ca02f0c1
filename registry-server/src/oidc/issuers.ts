import { z } from 'zod'

const claim = z.string().min(1).max(100)

/** An issuer of identities for workflows, and in which of its claims stands what is compared. */
export const oidcIssuer = z.strictObject({
  /** Exactly as tokens name it. */
  issuer: z.url({ protocol: /^https?$/ }),
  /** What pages and statements call it. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  claims: z.strictObject({
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
  }),
  /** What a workflow must not have been started by: a stranger's pull request would choose what is published. */
  refusedEvents: z.array(z.string()).default([]),
})
export type OidcIssuer = z.infer<typeof oidcIssuer>

/** Those that need no set-up. */
export const knownIssuers: readonly OidcIssuer[] = [
  {
    issuer: 'https://token.actions.githubusercontent.com',
    name: 'github',
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
