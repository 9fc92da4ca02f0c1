import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { problemDocument, type ProblemDocument } from '@ingot/manifest'
import { LoaderError } from '../loader-error.ts'
import { gitTransport, isGitRegistry } from './git-transport.ts'
import type { RegistryConfig } from './registry-config.ts'

/** A few sentences. */
const problemBytesMax = 64 * 1024

const headersTimeoutMs = 10_000
/** Between two pieces of a body. */
const bodyTimeoutMs = 30_000

/** Reads what a registry publishes. Every path works from a plain folder or bucket as well as from a server. */
export interface Transport {
  /**
   * The bytes at a path relative to the registry's address; `undefined` when there are none. A query is for servers:
   * folders have nothing to decide by it.
   * @throws LoaderError
   */
  get(path: string, bytesMax: number, query?: string): Promise<Uint8Array | undefined>
}

/** @param cacheDir where clones lie of registries that are git repositories */
export function transportOf(registry: RegistryConfig, cacheDir: string): Transport {
  if (isGitRegistry(registry)) return gitTransport(registry, cacheDir)
  const url = parseUrl(registry)
  if (url.protocol === 'file:') return fileTransport(registry, fileURLToPath(url))
  if (url.protocol === 'https:') return httpTransport(registry, url)
  if (url.protocol === 'http:') {
    if (isLoopback(url.hostname)) return httpTransport(registry, url)
    throw new LoaderError({
      code: 'registry-unreachable',
      message: `Cannot use the registry "${registry.name}": found "${registry.url}", want "https:" for other machines than this one`,
    })
  }
  throw new LoaderError({
    code: 'registry-unreachable',
    message: `Cannot use the registry "${registry.name}": found an address of kind "${url.protocol}", want "https:", "http:", "file:", "git+https:", "git+ssh:" or "git+file:"`,
  })
}

/** Reaches nothing, and says so. */
export function offlineTransport(registry: RegistryConfig): Transport {
  return {
    get: async (path) => {
      throw new LoaderError({
        code: 'registry-unreachable',
        message: `Cannot read "${path}" from the registry "${registry.name}" (${registry.url}): --offline asks no registry`,
        hint: 'vendor the modules where a registry can be asked: ingot module vendor',
      })
    },
  }
}

/** Without TLS, anybody on the way could read the token and choose what is new. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function httpTransport(registry: RegistryConfig, base: URL): Transport {
  const headers: Record<string, string> = { 'user-agent': 'ingot' }
  if (registry.token !== undefined) headers['authorization'] = `Bearer ${registry.token}`
  return {
    async get(path, bytesMax, query = '') {
      const url = new URL(path.replace(/^\//, ''), base)
      url.search = query
      try {
        // Loaded only when a registry is asked: a start from the cache asks none.
        const { request } = await import('undici')
        // One connection for one request: a registry is asked rarely, and nothing stays open behind a start.
        const answer = await request(url, {
          headers,
          reset: true,
          headersTimeout: headersTimeoutMs,
          bodyTimeout: bodyTimeoutMs,
        })
        if (answer.statusCode === 404) {
          await answer.body.dump()
          return undefined
        }
        if (answer.statusCode !== 200) {
          const problem = await problemIn(answer.body, registry, path)
          throw refusal(registry, path, `found status ${answer.statusCode}, want 200`, problem)
        }
        return await bounded(answer.body, bytesMax, registry, path)
      } catch (error) {
        throw error instanceof LoaderError ? error : unreachable(registry, path, error)
      }
    },
  }
}

function fileTransport(registry: RegistryConfig, root: string): Transport {
  return {
    async get(path, bytesMax) {
      const file = join(root, path)
      try {
        const { size } = await stat(file)
        if (size > bytesMax) throw refusal(registry, path, `found ${size} bytes, want at most ${bytesMax}`)
        return await readFile(file)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error instanceof LoaderError ? error : unreachable(registry, path, error)
      }
    },
  }
}

async function bounded(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  registry: RegistryConfig,
  path: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax) throw refusal(registry, path, `found more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

/** The base ends with a slash, so that paths are added to it and a registry may live below a path. */
function parseUrl(registry: RegistryConfig): URL {
  const text = registry.url.endsWith('/') ? registry.url : `${registry.url}/`
  if (URL.canParse(text)) return new URL(text)
  throw new LoaderError({
    code: 'registry-unreachable',
    message: `Cannot use the registry "${registry.name}": found "${registry.url}", want an address`,
  })
}

/** What a server says about a refusal, where it says something that can be read. */
async function problemIn(
  body: AsyncIterable<Uint8Array>,
  registry: RegistryConfig,
  path: string,
): Promise<ProblemDocument | undefined> {
  try {
    const bytes = await bounded(body, problemBytesMax, registry, path)
    // It goes to terminals.
    return problemDocument.parse(JSON.parse(Buffer.from(bytes).toString(), (_, value: unknown) => printable(value)))
  } catch {
    return undefined
  }
}

function printable(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/\p{Cc}/gu, ' ') : value
}

function refusal(registry: RegistryConfig, path: string, found: string, problem?: ProblemDocument): LoaderError {
  const { detail, hint } = problem ?? {}
  return new LoaderError({
    code: 'registry-refused',
    message: `Cannot read "${path}" from the registry "${registry.name}" (${registry.url}): ${found}${detail === undefined ? '' : ` (${detail})`}`,
    ...(hint !== undefined && { hint }),
  })
}

function unreachable(registry: RegistryConfig, path: string, error: unknown): LoaderError {
  const { code, message } = error as { code?: string; message?: string }
  return new LoaderError(
    {
      code: 'registry-unreachable',
      message: `Cannot reach the registry "${registry.name}" (${registry.url}) for "${path}": ${code ?? message ?? String(error)}`,
    },
    { cause: error },
  )
}
