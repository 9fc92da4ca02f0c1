import { indexLine, registryDiscovery, scopeOf, type IndexLine } from '@ingot/manifest'
import {
  canonicalJson,
  dsseEnvelope,
  indexPayloadType,
  indexStatement,
  parseCheckpoint,
  parseIntegrity,
  parseNote,
  signEnvelope,
  tileAt,
  tilePath,
} from '@ingot/trust'
import type { FastifyInstance } from 'fastify'
import { openRegistry, type Registry, type StorageOptions } from '../registry.ts'
import { createServer } from '../server.ts'
import { encodePath } from '../answers/encode-path.ts'
import { newestRoot } from '../keys/change-keys.ts'
import { TreeWriter } from './tree-writer.ts'

/** Module names that are read from the database at once. */
const pageModules = 500

export interface ExportOptions {
  /** `@acme`; without any, all scopes. */
  readonly scopes?: readonly string[]
  /** How long clients may choose versions by the folder as it is; a day as from the server, without it. */
  readonly validMs?: number
  readonly onProgress?: (module: string) => void
}

export interface ExportFigures {
  readonly modules: number
  readonly versions: number
  /** Documents that the folder did not have, or had otherwise. */
  readonly written: number
}

/**
 * Writes what a registry serves to everybody to a folder, at the same paths and with the same bytes: a file server or a `file:`
 * address of it is the registry, for reading. What never changes is written once, and before what names it; indexes change
 * last, all at once but for the time that renaming takes. Interrupted and repeated it goes on.
 */
export async function exportRegistry(
  storage: StorageOptions,
  folder: string,
  options: ExportOptions = {},
): Promise<ExportFigures> {
  const { registry: url } = await newestRoot(storage.dataDir)
  const registry = await openRegistry({ ...storage, url })
  const app = createServer(registry)
  try {
    return await new Export(registry, app, folder, options).run()
  } finally {
    await app.close()
    await registry.close()
  }
}

class Export {
  readonly #registry: Registry
  readonly #app: FastifyInstance
  readonly #options: ExportOptions
  readonly #tree: TreeWriter
  /** Documents that replace others once everything that they name is there. */
  readonly #next: TreeWriter
  #written = 0

  constructor(registry: Registry, app: FastifyInstance, folder: string, options: ExportOptions) {
    this.#registry = registry
    this.#app = app
    this.#options = options
    this.#tree = new TreeWriter(folder)
    this.#next = new TreeWriter(`${folder}/.next`)
  }

  async run(): Promise<ExportFigures> {
    await this.#next.remove()
    const waiting: string[] = []
    let versions = 0
    let modules = 0
    for await (const module of this.#modules()) {
      const found = await this.#module(module)
      if (!found) continue
      modules++
      versions += found.versions
      waiting.push(...found.waiting)
    }
    waiting.push(...(await this.#advisories()))
    await this.#log()
    await this.#keys()
    for (const path of waiting) {
      await this.#tree.adopt(path, this.#next)
      this.#written++
    }
    await this.#next.remove()
    return { modules, versions, written: this.#written }
  }

  async *#modules(): AsyncGenerator<string> {
    const { scopes = [] } = this.#options
    for (let last = ''; ;) {
      const page = await this.#registry.meta.database.read
        .selectFrom('modules')
        .select('name')
        .where('name', '>', last)
        .orderBy('name')
        .limit(pageModules)
        .execute()
      for (const { name } of page) if (scopes.length === 0 || scopes.includes(scopeOf(name))) yield name
      if (page.length < pageModules) return
      last = page.at(-1)!.name
    }
  }

  async #module(module: string): Promise<{ versions: number; waiting: string[] } | undefined> {
    const path = `index/${module}`
    const [index, signature] = [await this.#get(`${path}.ndjson`), await this.#get(`${path}.sig`)]
    // Not everybody may see it.
    if (!index || !signature) return undefined
    this.#options.onProgress?.(module)
    const lines = index
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => indexLine.parse(JSON.parse(line)))
    for (const line of lines) await this.#version(module, line)
    await this.#copy(`compat/renovate/${module}.json`, { always: true })
    return {
      versions: lines.length,
      waiting: [
        await this.#stage(`${path}.ndjson`, index),
        await this.#stage(`${path}.sig`, this.#signedFor(signature)),
      ],
    }
  }

  async #version(module: string, { v, integrity }: IndexLine): Promise<void> {
    await this.#files(module, v)
    for (const name of ['manifest.json', 'bundle.json']) await this.#copy(`m/${module}/${v}/${name}`)
    await this.#copy(`blobs/sha512/${parseIntegrity(integrity)!.hex}`)
  }

  /** What the manifest lists is there before the manifest is. Whoever serves the folder adds what keeps it from being run. */
  async #files(module: string, version: string): Promise<void> {
    const found = await this.#registry.meta.versions.find(module, version)
    for (const { path } of found?.files ?? []) {
      const to = `m/${module}/${version}/files/${path}`
      await this.#copy(to, { address: `m/${module}/${version}/files/${encodePath(path)}` })
    }
  }

  async #advisories(): Promise<string[]> {
    const [list, signature] = [await this.#get('advisories/all.ndjson'), await this.#get('advisories/all.sig')]
    if (!list || !signature) return []
    return [
      await this.#stage('advisories/all.ndjson', list),
      await this.#stage('advisories/all.sig', this.#signedFor(signature)),
    ]
  }

  /** Every tile of the log, and the head that they are the log of. Of some scopes alone the leaves of others stay out. */
  async #log(): Promise<void> {
    const checkpoint = (await this.#get('log/checkpoint'))!
    const { size } = parseCheckpoint(parseNote(checkpoint).text)
    const whole = (this.#options.scopes ?? []).length === 0
    if (whole) await this.#tiles('entries', size)
    for (let level = 0; tileAt(level, 0, size); level++) await this.#tiles(level, size)
    await this.#write('log/checkpoint', checkpoint)
  }

  async #tiles(level: number | 'entries', size: number): Promise<void> {
    for (let index = 0; ; index++) {
      const tile = tileAt(level, index, size)
      if (!tile) return
      await this.#copy(`log/tile/${tilePath(tile)}`)
    }
  }

  async #keys(): Promise<void> {
    for (const version of this.#registry.keys.roots.keys()) await this.#copy(`keys/${version}.root.json`)
    await this.#copy('keys/root.json', { always: true })
    const { auth: _, ...discovery } = registryDiscovery.parse(
      JSON.parse((await this.#get('.well-known/ingot.json'))!.toString()),
    )
    // A folder answers no queries, and signs nobody in.
    const features = discovery.features.filter((feature) => !['search', 'events'].includes(feature))
    await this.#write('.well-known/ingot.json', JSON.stringify({ ...discovery, features: [...features, 'static'] }))
  }

  /** A signature that ends later, where that is wanted: a folder renews none. */
  #signedFor(bytes: Uint8Array): Uint8Array {
    const { validMs } = this.#options
    if (validMs === undefined) return bytes
    const { payload } = dsseEnvelope.parse(JSON.parse(Buffer.from(bytes).toString()))
    const statement = indexStatement.parse(JSON.parse(Buffer.from(payload, 'base64').toString()))
    const now = Date.now()
    const times = { issuedAt: new Date(now).toISOString(), expiresAt: new Date(now + validMs).toISOString() }
    const text = canonicalJson({ ...statement, ...times })
    return Buffer.from(JSON.stringify(signEnvelope(indexPayloadType, Buffer.from(text), [this.#registry.keys.index])))
  }

  /** What never changes is not read again when the folder has it. */
  async #copy(path: string, { always = false, address = path } = {}): Promise<void> {
    if (!always && (await this.#tree.has(path))) return
    const bytes = await this.#get(address)
    if (bytes) await this.#write(path, bytes)
  }

  async #stage(path: string, bytes: Uint8Array): Promise<string> {
    await this.#next.write(path, bytes)
    return path
  }

  async #write(path: string, bytes: Uint8Array | string): Promise<void> {
    if (await this.#tree.write(path, bytes)) this.#written++
  }

  /** As the server would answer anybody; `undefined` for what it does not give. @throws when it fails */
  async #get(path: string): Promise<Buffer | undefined> {
    const answer = await this.#app.inject({ url: `/${path}` })
    if (answer.statusCode === 200) return answer.rawPayload
    if (answer.statusCode < 500) return undefined
    throw new Error(`Cannot export "/${path}": found status ${answer.statusCode}, ${answer.body.slice(0, 200)}`)
  }
}
