import type { ListenOptions } from '@ingot/sdk'
import { tlsSettings } from '../http-request/tls.ts'

/** What node:tls wants of a server: with `clientAuth`, clients without a certificate of `ca` are turned away. */
export function serverTls(options: NonNullable<ListenOptions['tls']>) {
  const { rejectUnauthorized: _, servername: __, ...settings } = tlsSettings(options)
  return { ...settings, requestCert: options.clientAuth === true, rejectUnauthorized: options.clientAuth === true }
}
