import { Secret, type Clock, type HttpClient, type HttpResponse, type TlsOptions, type Variables } from '@ingot/sdk'
import { decodeUtf8, encodeUtf8 } from '@ingot/telemetry'
import { base64OfText } from '../bytes/base64.ts'
import type { Oauth2Arguments } from './http-client-arguments.ts'
import { proxyFor } from './proxy.ts'

const tokenTimeoutMs = 30_000
const tokenBytesMax = 1 << 20
/** A token is replaced this long before it expires, so that it does not expire under way. */
const expiryMarginMs = 10_000
/** Life of a token whose server does not say. */
const defaultLifeMs = 60 * 60_000

interface Token {
  readonly text: string
  readonly expiresAt: number
}

/** Fetches and keeps an access token by the client credentials flow (RFC 6749 §4.4). */
export class Oauth2TokenSource {
  readonly #args: Oauth2Arguments
  readonly #env: { readonly http: HttpClient; readonly clock: Clock; readonly vars?: Variables }
  readonly #read: { tls(): Promise<TlsOptions | undefined>; secret(): Promise<string> }
  #token: Token | undefined
  #fetching: Promise<Token> | undefined

  constructor(
    args: Oauth2Arguments,
    env: { readonly http: HttpClient; readonly clock: Clock; readonly vars?: Variables },
    read: { tls(): Promise<TlsOptions | undefined>; secret(): Promise<string> },
  ) {
    this.#args = args
    this.#env = env
    this.#read = read
  }

  /** A valid token. Callers at the same time share one fetch. */
  async token(): Promise<string> {
    if (this.#token && this.#env.clock.monotonic() < this.#token.expiresAt) return this.#token.text
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    this.#token = await this.#fetching
    return this.#token.text
  }

  forget(): void {
    this.#token = undefined
  }

  async #fetch(): Promise<Token> {
    const secret = await this.#read.secret()
    // Servers differ in where they want the client's credentials; the header is the form that every server should take.
    let response = await this.#send(secret, 'header')
    if (response.status === 400 || response.status === 401) response = await this.#send(secret, 'body')
    if (response.status < 200 || response.status > 299)
      throw new Error(`Cannot fetch an OAuth2 token: the server answered ${response.status}, want 200`)
    let answer: { access_token?: unknown; expires_in?: unknown }
    try {
      answer = JSON.parse(decodeUtf8(response.body)) as typeof answer
    } catch {
      throw new Error('Cannot fetch an OAuth2 token: the answer is not JSON')
    }
    if (typeof answer.access_token !== 'string' || answer.access_token === '')
      throw new Error('Cannot fetch an OAuth2 token: the answer has no access_token')
    const seconds = Number(answer.expires_in)
    const lifeMs = seconds > 0 ? seconds * 1000 : defaultLifeMs
    return {
      text: answer.access_token,
      expiresAt: this.#env.clock.monotonic() + Math.max(lifeMs - expiryMarginMs, lifeMs / 2),
    }
  }

  async #send(secret: string, place: 'header' | 'body'): Promise<HttpResponse> {
    const { client_id: id = '', scopes = [], endpoint_params: params = {}, token_url: url = '' } = this.#args
    const form: Record<string, string> = {
      grant_type: 'client_credentials',
      ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
      ...params,
    }
    if (place === 'body') Object.assign(form, { client_id: id, client_secret: secret })
    const tls = await this.#read.tls()
    const proxyUrl = proxyFor(this.#args, url, this.#env.vars)
    const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
    const basic = `Basic ${base64OfText(`${encode(id)}:${encode(secret)}`)}`
    return this.#env.http.request({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(place === 'header' ? { authorization: new Secret(basic) } : {}),
      },
      body: encodeUtf8(
        Object.entries(form)
          .map(([name, value]) => `${encode(name)}=${encode(value)}`)
          .join('&'),
      ),
      timeoutMs: tokenTimeoutMs,
      bodyBytesMax: tokenBytesMax,
      ...(tls === undefined ? {} : { tls }),
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
    })
  }
}
