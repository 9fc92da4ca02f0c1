import { createSecureContext } from 'node:tls'
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ConfigBlock } from '../control/config-blocks.ts'

export interface ServerTls {
  readonly cert: string
  readonly key: string
}
export interface BasicAuth {
  readonly username: string
  readonly password: string
  /** Path prefixes, and whether they or all other paths need authentication. */
  readonly paths: readonly string[]
  readonly matching: boolean
}
/** What the `http` block asks of the collector's server. */
export interface HttpSettings {
  readonly tls: ServerTls | undefined
  readonly auth: BasicAuth | undefined
}

/** Reads the files that the block names. @throws with a message for the user. */
export async function readHttpSettings(block: ConfigBlock<'http'> | undefined): Promise<HttpSettings> {
  const { tls, auth } = block ?? {}
  const filter = auth?.filter
  return {
    tls:
      tls &&
      usable({
        cert: await pemText('certificate', tls.cert_pem, tls.cert_file),
        key: await pemText('key', tls.key_pem?.reveal(), tls.key_file),
      }),
    auth: auth && {
      username: auth.basic.username,
      password: auth.basic.password.reveal(),
      paths: filter?.paths ?? [],
      matching: filter?.authenticate_matching_paths ?? true,
    },
  }
}

/** Whether a request may pass. `header` is its `Authorization`. */
export function isAuthorized(auth: BasicAuth, path: string, header: string | undefined): boolean {
  const listed = auth.paths.length === 0 || auth.paths.some((prefix) => path.startsWith(prefix))
  const needed = auth.paths.length === 0 || listed === auth.matching
  if (!needed) return true
  const [scheme, encoded = ''] = (header ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'basic') return false
  return equalTexts(Buffer.from(encoded, 'base64').toString(), `${auth.username}:${auth.password}`)
}

/** A pair that cannot be used is found before anything is changed for it. */
function usable(pair: NonNullable<HttpSettings['tls']>): NonNullable<HttpSettings['tls']> {
  try {
    createSecureContext(pair)
  } catch (error) {
    throw new Error(`Cannot serve HTTPS: certificate and key cannot be used: ${(error as Error).message}`, {
      cause: error,
    })
  }
  return pair
}

async function pemText(what: string, text: string | undefined, file: string | undefined): Promise<string> {
  if (text !== undefined) return text
  if (file === undefined)
    throw new Error(
      `Cannot serve HTTPS: the tls block has no ${what}, want ${what === 'key' ? 'key_file or key_pem' : 'cert_file or cert_pem'}`,
    )
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`Cannot serve HTTPS: ${error.message}`)
  })
}

/** Compares without telling by its time how much was right. */
function equalTexts(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
