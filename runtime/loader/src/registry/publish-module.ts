import { checkedAnswer, problemDocument, stagedAnswer, type CheckedAnswer, type StagedAnswer } from '@ingot/manifest'
import { parseIntegrity } from '@ingot/trust'
import { LoaderError } from '../loader-error.ts'
import type { PackedModule } from '../pack/pack-module.ts'

/** A registry answers when the module is durable: checking the largest takes about a second. */
const answerTimeoutMs = 60_000
const answerBytesMax = 2 ** 20

export interface PublishOptions {
  readonly registryUrl: string
  readonly token: string
  /** Has it wait for people, whatever it is. */
  readonly stage?: boolean
  /** Has it checked alone. */
  readonly dryRun?: boolean
}

export interface PublishOutcome {
  /** False: the registry had the same bytes already, or has not published it. */
  readonly created: boolean
  /** It waits for people, and why. */
  readonly staged?: StagedAnswer
  /** It was only checked. */
  readonly checked?: CheckedAnswer
}

/** Publishes a packed module. @throws LoaderError with the registry's own words. */
export async function publishModule(
  packed: Pick<PackedModule, 'manifest' | 'integrity' | 'archive'>,
  options: PublishOptions,
): Promise<PublishOutcome> {
  const { name, version } = packed.manifest
  const base = options.registryUrl.replace(/\/$/, '')
  const flags = new URLSearchParams({ ...(options.stage && { stage: '1' }), ...(options.dryRun && { dryRun: '1' }) })
  const url = `${base}/api/v1/modules/${name}/versions/${version}?${flags.toString()}`
  const digest = Buffer.from(parseIntegrity(packed.integrity)!.hex, 'hex').toString('base64')
  const { request } = await import('undici')
  let answer
  try {
    answer = await request(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${options.token}`,
        'content-type': 'application/gzip',
        'repr-digest': `sha-512=:${digest}:`,
        'user-agent': 'ingot',
      },
      body: packed.archive,
      reset: true,
      headersTimeout: answerTimeoutMs,
    })
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    throw new LoaderError(
      { code: 'registry-unreachable', message: `Cannot publish "${name}@${version}" to ${base}: ${code ?? message}` },
      { cause: error },
    )
  }
  const text = (await answer.body.text()).slice(0, answerBytesMax)
  const staged = answer.statusCode === 202 ? stagedAnswer.safeParse(parseJson(text)).data : undefined
  if (staged) return { created: false, staged }
  const checked = options.dryRun ? checkedAnswer.safeParse(parseJson(text)).data : undefined
  if (checked) return { created: false, checked }
  if (answer.statusCode === 201 || answer.statusCode === 200) return { created: answer.statusCode === 201 }
  throw refusal(`Cannot publish "${name}@${version}" to ${base}`, answer.statusCode, text)
}

function refusal(action: string, status: number, text: string): LoaderError {
  const problem = problemDocument.safeParse(parseJson(text)).data
  if (!problem)
    return new LoaderError({ code: 'registry-refused', message: `${action}: found status ${status}, want 201` })
  const hint = problem.hint === undefined ? {} : { hint: problem.hint }
  return new LoaderError({
    code: 'registry-refused',
    message: `${action}: ${problem.detail ?? problem.title} (${problem.code})`,
    ...hint,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
