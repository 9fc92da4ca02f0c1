import { readFile } from 'node:fs/promises'
import { parseIntegrity } from '@ingot/trust'
import { z } from 'zod'
import { CommandError } from '../command-error.ts'
import { RegistryApi } from './registry-api.ts'

const answerTimeoutMs = 30_000

const identityAnswer = z.object({ value: z.string().min(1) })
const audienceAnswer = z.object({ audience: z.string() })
const exchangeAnswer = z.object({ token: z.string(), expiresAt: z.string() })

export interface WorkflowOptions {
  readonly registryUrl: string
  /** A file that has the identity; otherwise it is asked for as the CI system offers it. */
  readonly tokenFile?: string | undefined
  /** For whom it is made; otherwise the registry says so. */
  readonly audience?: string | undefined
}

export interface PackedVersion {
  readonly manifest: { readonly name: string; readonly version: string }
  readonly integrity: string
}

/**
 * Exchanges the identity of the workflow that runs this for a token that publishes one version with one content.
 * @throws CommandError
 */
export async function exchangeWorkflowIdentity(
  { manifest: { name: module, version }, integrity }: PackedVersion,
  options: WorkflowOptions,
): Promise<string> {
  const api = new RegistryApi(options.registryUrl)
  const jwt = await workflowIdentity(api, options)
  const body = { jwt, module, version, sha512: parseIntegrity(integrity)!.hex }
  return (await api.json(exchangeAnswer, 'POST', '/oidc/exchange', { body, token: '' })).token
}

async function workflowIdentity(api: RegistryApi, { tokenFile, audience }: WorkflowOptions): Promise<string> {
  if (tokenFile !== undefined) return identityInFile(tokenFile)
  const {
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
    INGOT_ID_TOKEN: given,
  } = process.env
  if (url && token) {
    const wanted = audience ?? (await api.json(audienceAnswer, 'GET', '/oidc/audience', { token: '' })).audience
    return requestIdentity(url, token, wanted)
  }
  if (given) return given.trim()
  throw new CommandError('Cannot publish as a workflow: found no identity in the environment', howTo())
}

async function identityInFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`Cannot read --oidc-token-file "${path}": ${error.code ?? error.message}`)
  })
  if (text.trim() !== '') return text.trim()
  throw new CommandError(`Cannot use --oidc-token-file "${path}": found it empty, want an identity token`)
}

/** As GitHub's runners offer it: a request to an address of the job's own, with a token of its own. */
async function requestIdentity(url: string, token: string, audience: string): Promise<string> {
  const address = new URL(url)
  address.searchParams.set('audience', audience)
  try {
    const answer = await fetch(address, {
      redirect: 'error',
      signal: AbortSignal.timeout(answerTimeoutMs),
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    })
    if (answer.status !== 200) throw new Error(`found status ${answer.status}, want 200`)
    return identityAnswer.parse(await answer.json()).value
  } catch (error) {
    const { message, cause } = error as Error
    const found = error instanceof z.ZodError ? 'found an answer without a token' : message
    const why = cause instanceof Error ? cause.message : found
    throw new CommandError(`Cannot get the workflow's identity from ${address.host}: ${why}`)
  }
}

function howTo(): string {
  if (process.env['GITHUB_ACTIONS'] === 'true') return 'give the job "permissions: id-token: write"'
  if (process.env['GITLAB_CI'] === 'true') {
    return 'give the job "id_tokens: INGOT_ID_TOKEN: aud: <address of the registry>"'
  }
  return 'run it in a job of GitHub or GitLab, or give the identity with --oidc-token-file'
}
