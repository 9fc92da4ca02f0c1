import { problemDocument } from '@ingot/manifest'
import type { z } from 'zod'
import { CommandError } from '../command-error.ts'
import { Credentials } from './credentials.ts'

const answerTimeoutMs = 30_000
const answerCharactersMax = 4 * 2 ** 20

export interface RequestOptions {
  readonly body?: unknown
  /** Instead of the credential of whoever has signed in; empty: as nobody. */
  readonly token?: string
}

/** The API of one registry, as whoever has signed in to it. */
export class RegistryApi {
  readonly url: string
  readonly #credentials: Credentials

  /** @throws CommandError for an address where others could read along. */
  constructor(url: string, credentials = new Credentials()) {
    this.url = url.replace(/\/+$/, '')
    this.#credentials = credentials
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    const safe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname))
    if (!safe) throw new CommandError(`Cannot use the registry "${url}": want "https:", or "http:" on this machine`)
  }

  /** @throws CommandError with the registry's own words. */
  async json<T>(schema: z.ZodType<T>, method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const { status, text } = await this.send(method, path, options)
    const parsed = schema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    throw new CommandError(`Cannot understand what ${this.url} answers to ${method} ${path} (status ${status})`)
  }

  /** Resolves when the registry has done it. @throws CommandError */
  async send(
    method: string,
    path: string,
    { body, token }: RequestOptions = {},
  ): Promise<{ status: number; text: string }> {
    const credential = token ?? (process.env['INGOT_TOKEN'] || (await this.#credentials.find(this.url))?.token)
    let answer: Response
    let text: string
    try {
      answer = await fetch(`${this.url}/api/v1${path}`, {
        method,
        // A credential follows no redirection to another place.
        redirect: 'error',
        signal: AbortSignal.timeout(answerTimeoutMs),
        headers: {
          'user-agent': 'ingot',
          ...(credential ? { authorization: `Bearer ${credential}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      text = (await answer.text()).slice(0, answerCharactersMax)
    } catch (error) {
      const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string }
      throw new CommandError(`Cannot reach the registry ${this.url}: ${cause?.code ?? cause?.message ?? message}`)
    }
    if (answer.ok) return { status: answer.status, text }
    throw refusal(answer.status, text, this.url)
  }
}

/** The registry that a command is about: named, or the only one that was signed in to. @throws CommandError */
export async function registryUrl(flag: string | undefined): Promise<string> {
  const named = flag ?? process.env['INGOT_REGISTRY']
  if (named !== undefined && named !== '') return named
  const [only, ...others] = await new Credentials().origins()
  if (only !== undefined && others.length === 0) return only
  const found = only === undefined ? 'no registry that you have signed in to' : `${others.length + 1} of them`
  throw new CommandError(`Cannot tell which registry is meant: found ${found}, want --registry or $INGOT_REGISTRY`)
}

function refusal(status: number, text: string, url: string): CommandError {
  const problem = problemDocument.safeParse(parseJson(text)).data
  if (!problem) return new CommandError(`Cannot do that in ${url}: found status ${status}`)
  const signIn = problem.code === 'token_missing' ? `sign in: ingot module login --registry ${url}` : undefined
  const otp = problem.code === 'second_factor' ? 'show one with --otp <code>' : undefined
  return new CommandError(`${problem.detail ?? problem.title} (${problem.code})`, otp ?? problem.hint ?? signIn)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
