import { block, duration, secret, type FileReader, type TlsOptions } from '@ingot/sdk'
import { z } from 'zod'
import { tlsPairs } from '../http-client/http-client-arguments.ts'
import { fixed, unsupported } from '../rules/not-yet.ts'
import { withRules } from '../rules/with-rules.ts'

const version = z.enum(['', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'])

/** What the `tls` blocks of clients and servers share. */
const sharedShape = {
  ca_pem: z.string().optional().describe('CA certificates, as PEM.'),
  ca_file: z.string().optional().describe('File of CA certificates.'),
  cert_pem: z.string().optional().describe('Certificate, as PEM.'),
  cert_file: z.string().optional().describe('File of the certificate.'),
  key_pem: secret().optional().describe('Key, as PEM.'),
  key_file: z.string().optional().describe('File of the key.'),
  min_version: version.default('TLS 1.2').describe('Lowest TLS version to accept.'),
  max_version: fixed(version, 'TLS 1.3').describe('Highest TLS version to accept.'),
  cipher_suites: fixed(z.array(z.string()), []).describe('Cipher suites of TLS 1.2 and lower.'),
  curve_preferences: fixed(z.array(z.string()), []).describe('Elliptic curves to offer.'),
  include_insecure_cipher_suites: fixed(z.boolean(), false).describe('Whether insecure cipher suites are allowed.'),
  include_system_ca_certs_pool: fixed(z.boolean(), false).describe(
    'Whether the CA certificates of the system count as well.',
  ),
  reload_interval: fixed(duration(), '0s').describe('How often the files are read again; 0s for only at start.'),
  tpm: block(
    unsupported(
      z.strictObject({
        enabled: z.boolean().default(false).describe('Whether the key is in the module.'),
        path: z.string().default('').describe('Path of the module.'),
        auth: z.string().default('').describe('Authorization of the key.'),
        owner_auth: z.string().default('').describe('Authorization of the owner.'),
      }),
    ),
  ).describe('Keys in a trusted platform module. Not supported.'),
}

type SharedTls = z.output<z.ZodObject<typeof sharedShape>>

/** The `tls` block of otelcol clients. */
export function clientTlsBlock() {
  const schema = z.strictObject({
    ...sharedShape,
    insecure: z
      .boolean()
      .default(false)
      .describe('Whether the connection is without TLS, where the endpoint names no scheme.'),
    insecure_skip_verify: z.boolean().default(false).describe('Accepts any certificate of the server.'),
    server_name: z.string().default('').describe('Name that the certificate of the server must be for.'),
  })
  return block(withRules(schema, ...tlsPairs).prefault({})).describe('TLS of the connection.')
}

/** The `tls` block of otelcol servers. */
export function serverTlsBlock() {
  const schema = z.strictObject({
    ...sharedShape,
    client_ca_file: z.string().optional().describe('File of CA certificates that clients must have a certificate of.'),
  })
  const checked = withRules(schema, ...tlsPairs, { rule: 'at_least_one', of: [['cert_pem', 'cert_file']] })
  return block(checked.optional()).describe('TLS of the listener; without it the listener is in plain text.')
}

export type ClientTls = z.output<ReturnType<typeof clientTlsBlock>>
export type ServerTls = NonNullable<z.output<ReturnType<typeof serverTlsBlock>>>

/** Reads the files that a client's `tls` block names. */
export async function clientTls(tls: ClientTls, fs: FileReader): Promise<TlsOptions> {
  return {
    ...(await sharedTls(tls, fs)),
    ...(tls.server_name === '' ? {} : { serverName: tls.server_name }),
    insecureSkipVerify: tls.insecure_skip_verify,
  }
}

/** Reads the files that a server's `tls` block names. */
export async function serverTls(tls: ServerTls, fs: FileReader): Promise<TlsOptions & { clientAuth: boolean }> {
  const shared = await sharedTls(tls, fs)
  if (tls.client_ca_file === undefined) return { ...shared, clientAuth: false }
  return { ...shared, ca: await fs.readText(tls.client_ca_file), clientAuth: true }
}

async function sharedTls(tls: SharedTls, fs: FileReader): Promise<TlsOptions> {
  const ca = tls.ca_pem ?? (tls.ca_file ? await fs.readText(tls.ca_file) : undefined)
  const cert = tls.cert_pem ?? (tls.cert_file ? await fs.readText(tls.cert_file) : undefined)
  const key = tls.key_pem ?? (tls.key_file ? await fs.readText(tls.key_file) : undefined)
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    minVersion: tls.min_version.replace('TLS 1.', 'TLS1'),
  }
}
