import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { readBounded } from '../answers/read-bounded.ts'
import { Problem } from '../problem.ts'

/** Issuers have a few keys, with certificates at most. */
const documentBytesMax = 256 * 2 ** 10

const discoveryDocument = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) })
const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) })

/** How an issuer is asked for its keys. */
export interface KeyBounds {
  /** An issuer that does not answer must not hold requests. */
  readonly timeoutMs: number
  /** Keys are believed for as long as this, whether the issuer is there or not; then no longer. */
  readonly cachedMs: number
  /** An unknown key makes the issuer be asked again, not more often than this; so does one that could not be asked. */
  readonly cooldownMs: number
}

export const defaultKeyBounds: KeyBounds = { timeoutMs: 5_000, cachedMs: 5 * 60_000, cooldownMs: 5_000 }

/** The keys of one issuer, as its discovery document names them (OpenID Connect Discovery 1.0). */
export class IssuerKeys {
  readonly #issuer: string
  readonly #bounds: KeyBounds
  #keys: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined
  #asked: { readonly at: number; readonly answer: Promise<void> } | undefined

  constructor(issuer: string, bounds: KeyBounds) {
    this.#issuer = issuer
    this.#bounds = bounds
  }

  /** The key that a signature names. @throws Problem `issuer_down`, JWKSNoMatchingKey */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (!this.#keys || performance.now() - this.#keys.at > this.#bounds.cachedMs) await this.#ask()
    try {
      return await this.#keys!.find(header, token)
    } catch (error) {
      // It may have been made since the issuer was asked.
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#hasJustAsked()) throw error
      await this.#ask()
      return this.#keys!.find(header, token)
    }
  }

  #hasJustAsked(): boolean {
    return this.#asked !== undefined && performance.now() - this.#asked.at < this.#bounds.cooldownMs
  }

  /** One request at a time, and after one that has failed none for a while. */
  #ask(): Promise<void> {
    if (this.#asked && this.#hasJustAsked()) return this.#asked.answer
    const answer = this.#read().then((find) => {
      this.#keys = { find, at: performance.now() }
    })
    this.#asked = { at: performance.now(), answer }
    return answer
  }

  async #read(): Promise<JWTVerifyGetKey> {
    const { issuer, jwks_uri: address } = await this.#document(
      discoveryDocument,
      `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )
    if (issuer !== this.#issuer) throw this.#down(`it calls itself "${issuer}"`)
    return createLocalJWKSet((await this.#document(keySet, address)) as unknown as JSONWebKeySet)
  }

  async #document<T>(schema: z.ZodType<T>, url: string): Promise<T> {
    try {
      const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(this.#bounds.timeoutMs) })
      if (answer.status !== 200) throw new Error(`found status ${answer.status}, want 200`)
      return schema.parse(JSON.parse(Buffer.from(await readBounded(answer, documentBytesMax)).toString()))
    } catch (error) {
      const { message, cause } = error as Error
      const found = error instanceof z.ZodError ? 'found something else than what OpenID Connect wants' : message
      throw this.#down(`${url}: ${cause instanceof Error ? cause.message : found}`)
    }
  }

  #down(found: string): Problem {
    return new Problem('issuer_down', `Cannot ask the issuer "${this.#issuer}" for its keys: ${found}`, {
      hint: 'try again in a while; whoever runs the registry sees to it that it reaches the issuer',
      headers: { 'retry-after': String(Math.ceil(this.#bounds.cooldownMs / 1000)) },
    })
  }
}
