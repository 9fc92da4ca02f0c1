import {
  Secret,
  type CapabilityRequest,
  type Clock,
  type FileReader,
  type HeaderValue,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  type TlsOptions,
  type Variables,
} from '@ingot/sdk'
import { base64OfText } from '../bytes/base64.ts'
import type { HttpClientArguments, TlsArguments } from './http-client-arguments.ts'
import { Oauth2TokenSource } from './oauth2-token-source.ts'
import { proxyFor } from './proxy.ts'
import { secretsIn, userinfoOf, withoutSecrets } from './redact.ts'

/** How long a credential file's content is used before it is read again: rotated credentials are picked up without a restart. */
const fileAgeMsMax = 10_000
const fileBytesMax = 1 << 20

/** What an {@link ConfiguredHttpClient} needs of a component's `env`. `vars` only for `proxy_from_environment`. */
export interface HttpClientEnv {
  readonly http: HttpClient
  readonly fs: FileReader
  readonly clock: Clock
  readonly vars?: Variables
}

/** An HTTP client that sends what a component's arguments say: credentials, headers, TLS, proxy, redirects. */
export class ConfiguredHttpClient {
  readonly #args: HttpClientArguments
  readonly #env: HttpClientEnv
  readonly #files: CredentialFiles
  readonly #tokens: Oauth2TokenSource | undefined
  readonly #secrets: readonly string[]
  /** What the last request was sent with, encoded as it was sent and without the name of its scheme. */
  #sentCredentials = ''

  constructor(args: HttpClientArguments, env: HttpClientEnv) {
    this.#args = args
    this.#env = env
    this.#files = new CredentialFiles(env)
    this.#secrets = secretsIn(args)
    const { oauth2 } = args
    if (oauth2) {
      this.#tokens = new Oauth2TokenSource(oauth2, env, {
        tls: () => this.#tls(oauth2.tls_config),
        secret: async () => oauth2.client_secret?.reveal() ?? this.#files.read(oauth2.client_secret_file!),
      })
    }
  }

  /** @throws CapabilityError, as `env.http.request`; Error when a credential cannot be read or fetched. */
  async request(request: Omit<HttpRequest, 'followRedirects' | 'proxyUrl' | 'tls'>): Promise<HttpResponse> {
    const tls = await this.#tls(this.#args.tls_config)
    const proxyUrl = proxyFor(this.#args, request.url, this.#env.vars)
    const credentials = await this.#credentials()
    this.#sentCredentials = secretsIn(credentials).join('').replace(/^\S+ /, '')
    const response = await this.#env.http.request({
      ...request,
      headers: { ...configuredHeaders(this.#args), ...request.headers, ...credentials },
      followRedirects: this.#args.follow_redirects,
      ...(proxyUrl === undefined ? {} : { proxyUrl }),
      ...(tls === undefined ? {} : { tls }),
    })
    // A token can be revoked before it expires: the next request fetches a new one.
    if (response.status === 401) this.#tokens?.forget()
    return response
  }

  /** What a server has answered, as a message may show it: it may have said back what it was sent. */
  shown(answer: string, url: string): string {
    const user = userinfoOf(url)
    const sent = user
      ? [user.password, encodeURIComponent(user.password), base64OfText(`${user.username}:${user.password}`)]
      : []
    return withoutSecrets(answer, [...this.#secrets, ...this.#files.texts(), this.#sentCredentials, ...sent])
  }

  async #credentials(): Promise<Record<string, HeaderValue>> {
    const { basic_auth: basic, authorization, bearer_token: bearer, bearer_token_file: bearerFile } = this.#args
    if (basic) {
      const password =
        basic.password?.reveal() ?? (basic.password_file ? await this.#files.read(basic.password_file) : '')
      return { authorization: new Secret(`Basic ${base64OfText(`${basic.username ?? ''}:${password}`)}`) }
    }
    if (this.#tokens) return { authorization: new Secret(`Bearer ${await this.#tokens.token()}`) }
    const given = authorization?.credentials ?? bearer
    const file = authorization?.credentials_file ?? bearerFile
    if (given === undefined && file === undefined) return {}
    const credentials = given?.reveal() ?? (await this.#files.read(file!))
    return { authorization: new Secret(`${authorization?.type?.trim() || 'Bearer'} ${credentials}`) }
  }

  async #tls(args: TlsArguments | undefined): Promise<TlsOptions | undefined> {
    if (!args) return undefined
    const text = async (inline: string | undefined, file: string | undefined) =>
      inline || (file ? this.#files.read(file) : undefined)
    const ca = await text(args.ca_pem, args.ca_file)
    const cert = await text(args.cert_pem, args.cert_file)
    const key = args.key_pem ?? (args.key_file ? new Secret(await this.#files.read(args.key_file)) : undefined)
    return {
      insecureSkipVerify: args.insecure_skip_verify,
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(args.server_name ? { serverName: args.server_name } : {}),
      ...(args.min_version
        ? { minVersion: args.min_version.replace(/^TLS1(\d)$/, 'TLSv1.$1').replace('TLSv1.0', 'TLSv1') }
        : {}),
    }
  }
}

function configuredHeaders(args: HttpClientArguments): Record<string, readonly HeaderValue[]> {
  return Object.fromEntries(
    Object.entries(args.http_headers ?? {}).map(([name, values]) => [name.toLowerCase(), values]),
  )
}

class CredentialFiles {
  readonly #env: HttpClientEnv
  readonly #known = new Map<string, { readonly text: string; readonly readAt: number }>()

  constructor(env: HttpClientEnv) {
    this.#env = env
  }

  texts(): readonly string[] {
    return [...this.#known.values()].map(({ text }) => text)
  }

  /** The file's text without surrounding white space. Only files that the arguments name are read, so the map is as small as they are. */
  async read(path: string): Promise<string> {
    const now = this.#env.clock.monotonic()
    const known = this.#known.get(path)
    if (known && now - known.readAt < fileAgeMsMax) return known.text
    const text = (await this.#env.fs.readText(path, { bytesMax: fileBytesMax })).trim()
    this.#known.set(path, { text, readAt: now })
    return text
  }
}

/** Capability requests of a component whose HTTP client arguments stand under `prefix` (`''` or `'endpoint.'`). */
export function httpClientGrants(prefix = ''): {
  readonly 'http.request': CapabilityRequest[]
  readonly 'fs.read': CapabilityRequest[]
} {
  const from = (why: string) => (path: string) => ({ why, from: `${prefix}${path}` })
  const tlsFiles = ['ca_file', 'cert_file', 'key_file']
  return {
    'http.request': ['proxy_url', 'oauth2.token_url', 'oauth2.proxy_url'].map(
      from('Sends requests where the configuration says.'),
    ),
    'fs.read': [
      'bearer_token_file',
      'basic_auth.password_file',
      'authorization.credentials_file',
      'oauth2.client_secret_file',
      ...tlsFiles.map((file) => `tls_config.${file}`),
      ...tlsFiles.map((file) => `oauth2.tls_config.${file}`),
    ].map(from('Reads the credentials that the configuration names.')),
  }
}

/** Environment variables that `proxy_from_environment` reads. */
export const proxyVariables: CapabilityRequest = {
  why: 'Finds the proxy when proxy_from_environment is set.',
  values: ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
}
