import { createHash } from 'node:crypto'
import { capabilitySummary, type IndexHead, type IndexLine } from '@ingot/manifest'
import { integrityOfHex } from '@ingot/trust'
import type { FastifyInstance } from 'fastify'
import { LRUCache } from 'lru-cache'
import { compare } from 'semver'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { VersionRecord } from '../storage/meta-store.ts'
import { newest } from '../storage/sqlite-meta-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf } from './module-params.ts'

/** Rendered indexes kept in memory, all together. */
const renderedBytesMax = 64 * 2 ** 20

interface Rendered {
  readonly revision: number
  readonly text: string
  readonly etag: string
}

/** `GET /index/@s/n.ndjson`: all versions of a module in one cheap request. */
export function indexRoutes(app: FastifyInstance, registry: Registry): void {
  const cache = new LRUCache<string, Rendered>({
    maxSize: renderedBytesMax,
    sizeCalculation: ({ text }) => text.length + 200,
  })
  app.get('/index/@:scope/:name.ndjson', async (request, reply) => {
    const module = moduleOf(request.params)
    const revision = await registry.meta.revision(module)
    if (revision === undefined) throw new Problem('not_found', `Cannot find the module "${module}"`)
    const known = cache.get(module)
    const rendered =
      known?.revision === revision ? known : render(module, revision, await registry.meta.versions(module))
    cache.set(module, rendered)
    reply.header('etag', rendered.etag).header('cache-control', cacheControl.index)
    if (matches(request.headers['if-none-match'], rendered.etag)) return reply.code(304).send()
    return reply.type('application/x-ndjson').send(rendered.text)
  })
}

function render(module: string, revision: number, versions: readonly VersionRecord[]): Rendered {
  const latest = newest(versions)
  const head: IndexHead = { _: 'head', name: module, tags: latest ? { latest: latest.version } : {} }
  const lines = versions.map((version) => indexLineOf(version, versions))
  const text = [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
  return { revision, text, etag: `"${createHash('sha256').update(text).digest('hex')}"` }
}

function indexLineOf(version: VersionRecord, all: readonly VersionRecord[]): IndexLine {
  const { manifest } = version
  return {
    v: version.version,
    integrity: integrityOfHex('sha512', version.sha512),
    size: version.sizeBytes,
    manifest: version.manifestIntegrity,
    deps: manifest.dependencies,
    api: manifest.api,
    components: manifest.components.map(({ name }) => name),
    caps: { digest: version.capsIntegrity, summary: capabilitySummary(manifest), delta: capabilityDelta(version, all) },
    published: version.publishedAt,
    trust: version.trust,
    publisher: version.publisher,
    log: version.logIndex,
    status: version.status,
  }
}

/** What a version may do that the one below it could not, and the other way round; `null` for the lowest. */
export function capabilityDelta(version: VersionRecord, all: readonly VersionRecord[]): IndexLine['caps']['delta'] {
  const below = all
    .filter((other) => compare(other.version, version.version) < 0)
    .sort((a, b) => compare(b.version, a.version))
  const [base] = below
  if (!base) return null
  const [old, now] = [capabilitySummary(base.manifest), capabilitySummary(version.manifest)]
  return {
    base: base.version,
    added: now.filter((line) => !old.includes(line)),
    removed: old.filter((line) => !now.includes(line)),
  }
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag)
}
