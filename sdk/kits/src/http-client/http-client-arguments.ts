import { block, secret, Secret } from '@ingot/sdk'
import { z } from 'zod'
import { httpUrl } from '../formats/checked-text.ts'
import { notYet } from '../rules/not-yet.ts'
import type { Rule } from '../rules/rule.ts'
import { withRules } from '../rules/with-rules.ts'

/** At most one way to give each of CA, certificate and key; certificate and key together. */
export const tlsPairs: readonly Rule[] = [
  { rule: 'at_most_one', of: ['ca_pem', 'ca_file'] },
  { rule: 'at_most_one', of: ['cert_pem', 'cert_file'] },
  { rule: 'at_most_one', of: ['key_pem', 'key_file'] },
  { rule: 'requires', when: 'cert_pem', of: [['key_pem', 'key_file']] },
  { rule: 'requires', when: 'cert_file', of: [['key_pem', 'key_file']] },
  { rule: 'requires', when: 'key_pem', of: [['cert_pem', 'cert_file']] },
  { rule: 'requires', when: 'key_file', of: [['cert_pem', 'cert_file']] },
]

/** TLS of a client, as Alloy's `tls_config` block. */
export const tlsConfig = withRules(
  z.strictObject({
    ca_pem: z.string().optional().describe('CA certificates to check the server with, as PEM.'),
    ca_file: z.string().optional().describe('File of CA certificates to check the server with.'),
    cert_pem: z.string().optional().describe('Client certificate, as PEM.'),
    cert_file: z.string().optional().describe('File of the client certificate.'),
    insecure_skip_verify: z.boolean().default(false).describe('Accepts any certificate of the server.'),
    key_file: z.string().optional().describe('File of the client key.'),
    key_pem: secret().optional().describe('Client key, as PEM.'),
    min_version: z.enum(['', 'TLS10', 'TLS11', 'TLS12', 'TLS13']).optional().describe('Lowest TLS version to accept.'),
    server_name: z.string().optional().describe('Name that the certificate of the server must be for.'),
  }),
  ...tlsPairs,
)

const headerSecrets = () => z.record(z.string(), z.array(secret()))

const proxyShape = {
  no_proxy: z.string().optional().describe('Comma-separated hosts, domains and addresses to reach without the proxy.'),
  proxy_connect_header: notYet(headerSecrets(), { except: [{}] })
    .optional()
    .describe('Headers to send to the proxy with CONNECT. Not supported: must be left out.'),
  proxy_from_environment: z
    .boolean()
    .default(false)
    .describe('Takes the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.'),
  proxy_url: httpUrl({ empty: 'absent' }).optional().describe('HTTP proxy to send requests through.'),
}
const proxyRules: readonly Rule[] = [
  { rule: 'excludes', when: 'proxy_from_environment', of: ['proxy_url', 'no_proxy'] },
  { rule: 'requires', when: 'no_proxy', of: ['proxy_url'] },
]

/** `oauth2` block: client credentials flow (RFC 6749 §4.4). */
export const oauth2Config = withRules(
  z.strictObject({
    client_id: z.string().optional().describe('OAuth2 client id.'),
    client_secret: secret().optional().describe('OAuth2 client secret.'),
    client_secret_file: z.string().optional().describe('File of the OAuth2 client secret.'),
    endpoint_params: z.record(z.string(), z.string()).optional().describe('More parameters of the token request.'),
    scopes: z.array(z.string()).optional().describe('Scopes to ask for.'),
    token_url: z.string().optional().describe('URL to fetch tokens from.'),
    ...proxyShape,
    tls_config: block(tlsConfig).optional().describe('TLS of the token request.'),
  }),
  { rule: 'at_least_one', of: ['client_id'] },
  { rule: 'at_least_one', of: ['token_url'] },
  { rule: 'exactly_one', of: ['client_secret', 'client_secret_file'] },
  ...proxyRules,
)

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
    withRules(
      z.strictObject({
        username: z.string().optional().describe('User name.'),
        password: secret().optional().describe('Password.'),
        password_file: z.string().optional().describe('File of the password.'),
      }),
      { rule: 'at_most_one', of: ['password', 'password_file'] },
    ),
  )
    .optional()
    .describe('HTTP basic authentication.'),
  authorization: block(
    withRules(
      z.strictObject({
        type: z
          .string()
          .refine((type) => type.trim().toLowerCase() !== 'basic', 'cannot be "basic": use the block basic_auth')
          .optional()
          .describe('Authorization scheme; "Bearer" where nothing is given.'),
        credentials: secret().optional().describe('Credentials.'),
        credentials_file: z.string().optional().describe('File of the credentials.'),
      }),
      { rule: 'at_most_one', of: ['credentials', 'credentials_file'] },
    ),
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

/** Rules between the arguments of {@link httpClientShape}: give them to `withRules` of the object that spreads it. */
export const httpClientRules: readonly Rule[] = [
  {
    rule: 'at_most_one',
    of: ['basic_auth', 'authorization', 'oauth2', 'bearer_token', 'bearer_token_file'],
  },
  ...proxyRules,
]

/** A secret that need not be one: what http_headers hold after parsing. */
export function revealed(value: Secret | string): string {
  return value instanceof Secret ? value.reveal() : value
}
