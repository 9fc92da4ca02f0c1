import { createHash } from 'node:crypto'
import type { TestModule } from './test-module.ts'

/** Publishes over HTTP. Headers that are `undefined` are left out. */
export function publishTo(
  url: string,
  token: string,
  { manifest, archive }: TestModule,
  headers: Record<string, string | undefined> = {},
  query = '',
): Promise<Response> {
  const all = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/gzip',
    'repr-digest': `sha-512=:${createHash('sha512').update(archive).digest('base64')}:`,
    ...headers,
  }
  return fetch(`${url}/api/v1/modules/${manifest.name}/versions/${manifest.version}${query}`, {
    method: 'POST',
    headers: Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    body: archive as Uint8Array<ArrayBuffer>,
  })
}
