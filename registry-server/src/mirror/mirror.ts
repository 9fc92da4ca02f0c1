import { createHash } from 'node:crypto'
import {
  capabilityDocument,
  indexLine,
  moduleKey,
  scopeOf,
  type IndexLine,
  type RegistryDiscovery,
} from '@ingot/manifest'
import {
  archiveLimits,
  bundleDocument,
  earlierHead,
  integrity,
  publishSubject,
  tileAt,
  tilePath,
  tileReader,
  tileWidth,
  verifyEntries,
  verifyTile,
  type Bundle,
  type Tile,
} from '@ingot/trust'
import { LRUCache } from 'lru-cache'
import { TreeWriter } from '../export/tree-writer.ts'
import { Problem } from '../problem.ts'
import { inspectModule } from '../publish/inspect-module.ts'
import { parseMirrorPath, type MirrorPath } from './mirror-path.ts'
import { TreeMemory } from './tree-memory.ts'
import { matchesScope, type Upstream } from './upstream.ts'
import { UpstreamAttempt } from './upstream-attempt.ts'
import { UpstreamDown, type UpstreamSource } from './upstream-source.ts'

const documentBytesMax = 2 ** 20
const indexBytesMax = 16 * 2 ** 20
/** What was asked for within that time is not asked for again; the registry itself lets its indexes be kept as long. */
const fresh = { max: 10_000, ttl: 60_000 }

const discovery: RegistryDiscovery = {
  protocol: ['ingot/1'],
  index: '/index',
  api: '/api/v1',
  blobs: '/blobs',
  modules: '/m',
  log: '/log',
  keys: '/keys',
  web: '/',
  features: ['signed-statements', 'log', 'mirror', 'holds'],
}

export interface MirrorOptions {
  readonly upstream: Upstream
  readonly source: UpstreamSource
  /** Where it keeps what it has verified. */
  readonly dir: string
  /** Whether a scope is this registry's own: then it comes from nowhere else. */
  readonly isLocal: (scope: string) => Promise<boolean>
  /** Told why something of the upstream was not taken. */
  readonly onRefused?: (error: Error) => void
}

/** How it is with an upstream. Times are those of this process, since it started. */
export interface MirrorState {
  readonly upstream: Upstream
  /** Entries of its log that were verified; nothing where nothing was yet. */
  readonly logSize: number | undefined
  /** Whether it is left alone for a while, because it has failed. */
  readonly paused: boolean
  readonly takenAt: string | undefined
  readonly refused: { readonly at: string; readonly why: string } | undefined
}

/**
 * One upstream registry, read through. What it sends is verified as a client does it, kept as it came and never signed anew;
 * when it is away, or cannot be believed, what was verified before is served.
 */
export class Mirror {
  readonly #options: MirrorOptions
  readonly #tree: TreeWriter
  readonly #memory: TreeMemory
  readonly #fresh = new LRUCache<string, true>(fresh)
  /** One question at a time for each document, whoever asks. */
  readonly #asked = new Map<string, Promise<void>>()
  #takenAt: string | undefined
  #refused: MirrorState['refused']

  constructor(options: MirrorOptions) {
    this.#options = options
    this.#tree = new TreeWriter(options.dir)
    this.#memory = new TreeMemory(this.#tree)
  }

  /** The document at a path of the registry; `undefined` when it has none. @throws Problem */
  async document(path: string): Promise<Uint8Array | undefined> {
    const wanted = parseMirrorPath(path)
    if (!wanted) return undefined
    if ('module' in wanted) await this.#wantAllowed(wanted.module)
    return this.#answer(wanted, path)
  }

  async state(): Promise<MirrorState> {
    const { upstream, source } = this.#options
    const { checkpoint } = await this.#memory.read()
    return {
      upstream,
      logSize: checkpoint === undefined ? undefined : earlierHead(checkpoint).size,
      paused: source.paused ?? false,
      takenAt: this.#takenAt,
      refused: this.#refused,
    }
  }

  #answer(wanted: MirrorPath, path: string): Promise<Uint8Array | undefined> {
    switch (wanted.kind) {
      case 'discovery':
        return this.#discovery()
      case 'root':
        return this.#root(wanted.version)
      case 'checkpoint':
        return this.#checkpoint()
      case 'tile':
        return this.#tile(wanted.tile, path)
      case 'index':
      case 'signature':
        return this.#indexed(wanted.module, path)
      case 'holds':
        return this.#holds(wanted.module)
      case 'advisories':
        return this.#advisories(path)
      case 'bundle':
        return this.#bundle(wanted.module, wanted.version)
      case 'manifest':
        return this.#manifest(wanted.module, wanted.version)
      case 'blob':
        return this.#blob(wanted.sha512)
    }
  }

  async #discovery(): Promise<Uint8Array> {
    const has = (await this.#advisories('advisories/all.ndjson').catch(() => undefined)) !== undefined
    return Buffer.from(JSON.stringify(has ? { ...discovery, advisories: '/advisories' } : discovery))
  }

  async #root(version: number | undefined): Promise<Uint8Array | undefined> {
    await this.#refresh('log', (attempt) => attempt.trust.refresh())
    if (version !== undefined) return this.#tree.read(`keys/${version}.root.json`)
    const { root } = await this.#memory.read()
    return root && Buffer.from(JSON.stringify(root))
  }

  async #checkpoint(): Promise<Uint8Array | undefined> {
    await this.#refresh('log', (attempt) => attempt.trust.refresh())
    const { checkpoint } = await this.#memory.read()
    return checkpoint === undefined ? undefined : Buffer.from(checkpoint)
  }

  /** A tile proves itself by the head of the log that was verified last. */
  async #tile(tile: Tile, path: string): Promise<Uint8Array | undefined> {
    const kept = await this.#tree.read(path)
    if (kept) return kept
    const { checkpoint } = await this.#memory.read()
    if (checkpoint === undefined) return undefined
    const head = earlierHead(checkpoint)
    const wide = tileAt(tile.level, tile.index, head.size)
    if (!wide || wide.width < tile.width) return undefined
    const source = async (wanted: Tile): Promise<Uint8Array> => {
      const bytes = (await this.#tree.read(`log/tile/${tilePath(wanted)}`)) ?? (await this.#upstreamTile(wanted))
      if (!bytes) throw new Problem('upstream_down', `Cannot find "log/tile/${tilePath(wanted)}" upstream`)
      return bytes
    }
    const bytes = await this.#guarded(() => source(tile))
    if (tile.level === 'entries') verifyEntries(tile, bytes, await source({ ...tile, level: 0 }))
    const hashes = tile.level === 'entries' ? await source({ ...tile, level: 0 }) : bytes
    await verifyTile(
      { ...tile, level: tile.level === 'entries' ? 0 : tile.level },
      hashes,
      head,
      tileReader(head.size, source),
    )
    await this.#tree.write(path, bytes)
    return bytes
  }

  /** Where a part is gone, the full tile has it. */
  async #upstreamTile(tile: Tile): Promise<Uint8Array | undefined> {
    const get = (part: Tile) => this.#options.source.get(`log/tile/${tilePath(part)}`, documentBytesMax * 16)
    const found = await get(tile)
    if (found || tile.width === tileWidth || tile.level === 'entries') return found
    return (await get({ ...tile, width: tileWidth }))?.subarray(0, tile.width * 32)
  }

  async #indexed(module: string, path: string): Promise<Uint8Array | undefined> {
    await this.#refreshIndex(module)
    return this.#tree.read(path)
  }

  #refreshIndex(module: string): Promise<void> {
    return this.#refresh(`index ${module}`, async ({ get, trust }) => {
      const bytes = await get(`index/${module}.ndjson`, indexBytesMax)
      if (bytes) await trust.index(module, `/index/${module}.ndjson`, bytes, new Date())
    })
  }

  async #advisories(path: string): Promise<Uint8Array | undefined> {
    await this.#refresh('advisories', async ({ get, trust }) => {
      const bytes = await get('advisories/all.ndjson', indexBytesMax)
      if (bytes) await trust.index('advisories', '/advisories/all.ndjson', bytes, new Date())
    })
    return this.#tree.read(path)
  }

  /** Versions that this mirror does not give out, with reasons: clients leave them out of their choice. */
  async #holds(module: string): Promise<Uint8Array | undefined> {
    const lines = await this.#lines(module)
    if (!lines) return undefined
    const held = lines.flatMap((line) => {
      const reason = this.#heldReason(line)
      return reason === undefined ? [] : [[line.v, reason] as const]
    })
    return Buffer.from(JSON.stringify({ held: Object.fromEntries(held) }))
  }

  async #lines(module: string): Promise<readonly IndexLine[] | undefined> {
    const text = await this.#indexed(module, `index/${module}.ndjson`)
    if (!text) return undefined
    const lines = Buffer.from(text).toString().trim().split('\n').slice(1)
    return lines.map((line) => indexLine.parse(JSON.parse(line)))
  }

  async #bundle(module: string, version: string): Promise<Uint8Array | undefined> {
    await this.#wantReleased(module, version)
    const path = `m/${module}/${version}/bundle.json`
    const kept = await this.#tree.read(path)
    if (kept) return kept
    await this.#refresh(path, async ({ get, trust }) => {
      const bytes = await get(path, documentBytesMax)
      if (!bytes) return
      const bundle = parseBundle(bytes)
      const { sha512 } = publishSubject(bundle.statement)
      const { publishedAt } = await trust.statement(bundle, { module: moduleKey(module, version), sha512 })
      const reason = this.#tooYoung(publishedAt)
      if (reason !== undefined) throw held(module, version, reason)
    })
    return this.#tree.read(path)
  }

  /** What the registry would say, from the module itself. */
  async #manifest(module: string, version: string): Promise<Uint8Array | undefined> {
    const bundle = await this.#bundle(module, version)
    const archive = bundle && (await this.#blob(publishSubject(parseBundle(bundle).statement).sha512))
    if (!archive) return undefined
    const { manifest, manifestBytes, files } = await inspectModule(archive)
    const document = {
      manifest,
      manifestIntegrity: integrity('sha256', manifestBytes),
      integrity: integrity('sha512', archive),
      capabilities: capabilityDocument(manifest),
      files: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, size: sizeBytes })),
    }
    return Buffer.from(JSON.stringify(document))
  }

  /** A digest alone is no right to be mirrored: the module that it is of must come from a scope of the mirror, and be released. */
  async #blob(sha512: string): Promise<Uint8Array | undefined> {
    const path = `blobs/sha512/${sha512}`
    const kept = await this.#tree.read(path)
    const bytes = kept ?? (await this.#guarded(() => this.#options.source.get(path, archiveLimits.packedBytesMax)))
    if (!bytes) return undefined
    if (createHash('sha512').update(bytes).digest('hex') !== sha512)
      throw new Problem('upstream_untrusted', `Cannot pass on the module ${sha512}: its upstream sent other bytes`)
    const { manifest } = await inspectModule(bytes)
    await this.#wantAllowed(manifest.name)
    const bundle = await this.#bundle(manifest.name, manifest.version)
    if (!bundle || publishSubject(parseBundle(bundle).statement).sha512 !== sha512)
      throw new Problem(
        'upstream_untrusted',
        `Cannot pass on "${manifest.name}@${manifest.version}": its upstream vouches for other bytes`,
      )
    if (!kept) await this.#tree.write(path, bytes)
    return bytes
  }

  async #wantAllowed(module: string): Promise<void> {
    const scope = scopeOf(module)
    const { scopes } = this.#options.upstream
    if (matchesScope(scopes, scope) && !(await this.#options.isLocal(scope))) return
    throw new Problem('not_found', `Cannot find "${module}" in this mirror: its scope does not come from this upstream`)
  }

  async #wantReleased(module: string, version: string): Promise<void> {
    const line = (await this.#lines(module).catch(() => undefined))?.find(({ v }) => v === version)
    const reason = line && this.#heldReason(line)
    if (reason !== undefined) throw held(module, version, reason)
  }

  #heldReason({ status, published }: IndexLine): string | undefined {
    if (status === 'quarantined' || status === 'tombstoned') return `it was ${status} upstream`
    return this.#tooYoung(published)
  }

  #tooYoung(published: string): string | undefined {
    const { minAgeMs } = this.#options.upstream
    const ageMs = Date.now() - Date.parse(published)
    if (ageMs >= minAgeMs) return undefined
    const hours = (ms: number): number => Math.max(0, Math.floor(ms / 3_600_000))
    return `published ${hours(ageMs)} h ago, and this mirror wants ${hours(minAgeMs)} h`
  }

  /**
   * Asks the upstream anew, where that was not done just now, and takes over what it verified. What fails leaves everything as it
   * was: a document that is there already goes on being served.
   */
  async #refresh(what: string, work: (attempt: UpstreamAttempt) => Promise<unknown>): Promise<void> {
    if (this.#fresh.has(what)) return
    const running = this.#asked.get(what) ?? this.#ask(what, work).finally(() => this.#asked.delete(what))
    this.#asked.set(what, running)
    await running
  }

  async #ask(what: string, work: (attempt: UpstreamAttempt) => Promise<unknown>): Promise<void> {
    const { source, upstream } = this.#options
    const attempt = new UpstreamAttempt(source, upstream.root, this.#memory)
    try {
      await work(attempt)
      await attempt.keep(this.#tree)
      this.#fresh.set(what, true)
      this.#takenAt = new Date().toISOString()
    } catch (error) {
      if (error instanceof Problem) throw error
      this.#refuse(error as Error)
      // With nothing verified there is nothing to fall back to.
      if ((await this.#memory.read()).checkpoint === undefined) throw asProblem(error)
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Problem) throw error
      this.#refuse(error as Error)
      throw asProblem(error)
    }
  }

  #refuse(error: Error): void {
    this.#refused = { at: new Date().toISOString(), why: error.message }
    this.#options.onRefused?.(error)
  }
}

function parseBundle(bytes: Uint8Array): Bundle {
  return bundleDocument.parse(JSON.parse(Buffer.from(bytes).toString()))
}

function held(module: string, version: string, reason: string): Problem {
  return new Problem('held', `Cannot pass on "${moduleKey(module, version)}": ${reason}`)
}

function asProblem(error: unknown): Problem {
  const { message } = error as Error
  if (error instanceof UpstreamDown) return new Problem('upstream_down', message, { headers: { 'retry-after': '30' } })
  return new Problem('upstream_untrusted', `Cannot believe the upstream: ${message}`)
}
