import type { SecureVersion } from 'node:tls'
import type { TlsOptions } from '@ingot/sdk'

const versions: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
}

/** What node:tls wants. The key is revealed here and nowhere else. Versions are named as Alloy's: `TLS12`, or `1.2` as the OpenTelemetry Collector's. */
export interface TlsSettings {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
  readonly minVersion?: SecureVersion
}

export function tlsSettings(options: TlsOptions | undefined): TlsSettings {
  const { ca, cert, key, serverName, insecureSkipVerify, minVersion } = options ?? {}
  const version =
    minVersion === undefined || minVersion === ''
      ? undefined
      : versions[minVersion.toUpperCase().replace(/^(\d)\.(\d)$/, 'TLS$1$2')]
  if (minVersion && !version)
    throw new Error(`Cannot use the TLS version "${minVersion}": want TLS10, TLS11, TLS12 or TLS13`)
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key: typeof key === 'string' ? key : key.reveal() } : {}),
    ...(serverName ? { servername: serverName } : {}),
    rejectUnauthorized: insecureSkipVerify !== true,
    ...(version ? { minVersion: version } : {}),
  }
}
