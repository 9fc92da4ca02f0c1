import { block, secret, Secret } from '@ingot/sdk'
import { z } from 'zod'

/** TLS of a client, as Alloy's `tls_config` block. */
export const tlsConfig = z
  .strictObject({
    ca_pem: z.string().optional().describe('CA certificates to check the server with, as PEM.'),
    ca_file: z.string().optional().describe('File of CA certificates to check the server with.'),
    cert_pem: z.string().optional().describe('Client certificate, as PEM.'),
    cert_file: z.string().optional().describe('File of the client certificate.'),
    insecure_skip_verify: z.boolean().default(false).describe('Accepts any certificate of the server.'),
    key_file: z.string().optional().describe('File of the client key.'),
    key_pem: secret().optional().describe('Client key, as PEM.'),
    min_version: z.enum(['', 'TLS10', 'TLS11', 'TLS12', 'TLS13']).optional().describe('Lowest TLS version to accept.'),
    server_name: z.string().optional().describe('Name that the certificate of the server must be for.'),
  })
  .superRefine((tls, ctx) => {
    const reject = (message: string) => ctx.addIssue({ code: 'custom', message })
    if (tls.ca_pem && tls.ca_file) reject('at most one of ca_pem and ca_file must be configured')
    if (tls.cert_pem && tls.cert_file) reject('at most one of cert_pem and cert_file must be configured')
    if (tls.key_pem && tls.key_file) reject('at most one of key_pem and key_file must be configured')
    const cert = Boolean(tls.cert_pem || tls.cert_file)
    if (cert !== Boolean(tls.key_pem || tls.key_file))
      reject('a client certificate and a client key must be configured together')
  })

const headerSecrets = () => z.record(z.string(), z.array(secret()))

const proxyShape = {
  no_proxy: z.string().optional().describe('Comma-separated hosts, domains and addresses to reach without the proxy.'),
  proxy_connect_header: headerSecrets().optional().describe('Headers to send to the proxy with CONNECT.'),
  proxy_from_environment: z
    .boolean()
    .default(false)
    .describe('Takes the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.'),
  proxy_url: z.string().optional().describe('HTTP proxy to send requests through.'),
}

/** `oauth2` block: client credentials flow (RFC 6749 §4.4). */
export const oauth2Config = z.strictObject({
  client_id: z.string().optional().describe('OAuth2 client id.'),
  client_secret: secret().optional().describe('OAuth2 client secret.'),
  client_secret_file: z.string().optional().describe('File of the OAuth2 client secret.'),
  endpoint_params: z.record(z.string(), z.string()).optional().describe('More parameters of the token request.'),
  scopes: z.array(z.string()).optional().describe('Scopes to ask for.'),
  token_url: z.string().optional().describe('URL to fetch tokens from.'),
  ...proxyShape,
  tls_config: block(tlsConfig).optional().describe('TLS of the token request.'),
})

/** The arguments and blocks that Alloy's HTTP clients share: spread them into a component's `z.strictObject`. */
export const httpClientShape = {
  bearer_token_file: z.string().optional().describe('File of a bearer token.'),
  bearer_token: secret().optional().describe('Bearer token.'),
  enable_http2: z
    .boolean()
    .default(true)
    .describe('Whether HTTP/2 may be used. Requests go over HTTP/1.1, which every server speaks.'),
  follow_redirects: z.boolean().default(true).describe('Whether redirects are followed.'),
  http_headers: headerSecrets().optional().describe('Headers to send with each request.'),
  ...proxyShape,
  basic_auth: block(
    z.strictObject({
      username: z.string().optional().describe('User name.'),
      password: secret().optional().describe('Password.'),
      password_file: z.string().optional().describe('File of the password.'),
    }),
  )
    .optional()
    .describe('HTTP basic authentication.'),
  authorization: block(
    z.strictObject({
      type: z.string().optional().describe('Authorization scheme; "Bearer" where nothing is given.'),
      credentials: secret().optional().describe('Credentials.'),
      credentials_file: z.string().optional().describe('File of the credentials.'),
    }),
  )
    .optional()
    .describe('Any other Authorization header.'),
  oauth2: block(oauth2Config).optional().describe('OAuth2 with client credentials.'),
  tls_config: block(tlsConfig).optional().describe('TLS of the connection.'),
}

const httpClientSchema = z.strictObject(httpClientShape)
export type HttpClientArguments = z.output<typeof httpClientSchema>
export type TlsArguments = z.output<typeof tlsConfig>
export type Oauth2Arguments = z.output<typeof oauth2Config>

/** Rules between arguments: give it to `superRefine` of the object that spreads {@link httpClientShape}. */
export function checkHttpClient(args: HttpClientArguments, ctx: z.RefinementCtx): void {
  const reject = (message: string) => ctx.addIssue({ code: 'custom', message })
  const { basic_auth: basic, authorization, oauth2 } = args
  if (args.bearer_token && args.bearer_token_file)
    reject('at most one of bearer_token and bearer_token_file must be configured')
  const bearer = args.bearer_token ?? args.bearer_token_file
  if ([basic, authorization, oauth2, bearer].filter((way) => way !== undefined).length > 1) {
    reject('at most one of basic_auth, authorization, oauth2, bearer_token and bearer_token_file must be configured')
  }
  if (basic?.password && basic.password_file)
    reject('at most one of basic_auth password and password_file must be configured')
  if (authorization?.credentials && authorization.credentials_file)
    reject('at most one of authorization credentials and credentials_file must be configured')
  if (authorization?.type?.trim().toLowerCase() === 'basic')
    reject('authorization type cannot be set to "basic", use basic_auth instead')
  if (oauth2) checkOauth2(oauth2, reject)
  checkProxy(args, reject)
}

function checkOauth2(oauth2: Oauth2Arguments, reject: (message: string) => void): void {
  if (!oauth2.client_id) reject('oauth2 client_id must be configured')
  if (!oauth2.token_url) reject('oauth2 token_url must be configured')
  if (!oauth2.client_secret === !oauth2.client_secret_file)
    reject('exactly one of oauth2 client_secret and client_secret_file must be configured')
  checkProxy(oauth2, reject)
}

function checkProxy(
  args: Pick<Oauth2Arguments, 'no_proxy' | 'proxy_connect_header' | 'proxy_from_environment' | 'proxy_url'>,
  reject: (message: string) => void,
): void {
  if (args.proxy_from_environment && (args.proxy_url || args.no_proxy))
    reject('proxy_url and no_proxy must not be configured with proxy_from_environment')
  if (args.no_proxy && !args.proxy_url) reject('no_proxy needs proxy_url')
  if (Object.keys(args.proxy_connect_header ?? {}).length > 0)
    reject('proxy_connect_header is not supported: proxies are reached without headers of their own')
  if (args.proxy_url && !/^https?:\/\/[^/]/i.test(args.proxy_url))
    reject(`cannot use "${args.proxy_url}" as a proxy: want an http or https URL`)
}

/** A secret that need not be one: what http_headers hold after parsing. */
export function revealed(value: Secret | string): string {
  return value instanceof Secret ? value.reveal() : value
}
