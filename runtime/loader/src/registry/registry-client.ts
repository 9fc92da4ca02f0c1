import {
  heldVersions,
  indexHead,
  indexLine,
  moduleKey,
  moduleAdvisories,
  osvRecord,
  registryDiscovery,
  type LockedRegistry,
  type ModuleAdvisory,
  type RegistryDiscovery,
} from '@ingot/manifest'
import {
  archiveLimits,
  dsseEnvelope,
  matchesIntegrity,
  parseIntegrity,
  type DsseEnvelope,
  type PublishPredicate,
  type PublishSubject,
  bundleDocument,
  type Bundle,
  type TrustMemory,
  RegistryTrust,
} from '@ingot/trust'
import { z } from 'zod'
import { LoaderError } from '../loader-error.ts'
import type { ModuleIndex } from '../resolve/requirement.ts'
import type { WantedVersion } from './fetch-module.ts'
import type { RegistryConfig } from './registry-config.ts'
import { RegistryMemory } from './registry-memory.ts'
import { transportOf, type Transport } from './transport.ts'

const documentBytesMax = 2 ** 20
/** About ten thousand versions. */
const indexBytesMax = 16 * 2 ** 20

/** An index and its signature are two answers, between which something may be published. */
const indexReadsMax = 3

export interface ClientOptions {
  /** Where it lies what is known of registries. */
  readonly cacheDir: string
  /** What ingot.lock says of this one. */
  readonly locked?: LockedRegistry | undefined
  /** Another way to the registry than its address. */
  readonly transport?: Transport
  /** Another memory than that of the module cache. */
  readonly memory?: TrustMemory
}

/** Reads one registry (protocol `ingot/1`). What it answers is believed only as far as it is verified. */
export class RegistryClient {
  readonly registry: RegistryConfig
  readonly #transport: Transport
  #discovery: Promise<RegistryDiscovery> | undefined
  #advisories: Promise<readonly ModuleAdvisory[]> | undefined
  /** Without root keys that the user names, nothing is verified but integrity. */
  readonly #trust: RegistryTrust | undefined

  constructor(registry: RegistryConfig, { cacheDir, locked, transport, memory }: ClientOptions) {
    this.registry = registry
    this.#transport = transport ?? transportOf(registry, cacheDir)
    if (registry.root === undefined) return
    this.#trust = new RegistryTrust({
      fingerprint: registry.root,
      memory: memory ?? new RegistryMemory(cacheDir, registry),
      // Other root keys are another registry, which owes nothing to the log of the one before.
      locked: locked?.root === registry.root ? locked : undefined,
      sources: async () => ({
        discovery: await this.#discover(),
        rootAt: (path) => this.#find(dsseEnvelope, path),
        get: (path, bytesMax) => this.#transport.get(path, bytesMax),
      }),
    })
  }

  /** Every version of a module, in the order of publication: for choosing one. @throws LoaderError `module-not-found`. */
  async versions(module: string): Promise<ModuleIndex> {
    const bytes = await this.#index(module)
    const [head, ...lines] = Buffer.from(bytes).toString().split('\n').filter(Boolean)
    const { name, tags, deprecated, successor } = this.#parse(indexHead, head ?? '', `index of "${module}"`)
    if (name !== module) throw this.#untrusted(`its index of "${module}" is about "${name}"`)
    const held = await this.#held(module)
    return {
      tags,
      deprecated,
      successor,
      held,
      lines: lines.map((line) => this.#parse(indexLine, line, `index of "${module}"`)),
    }
  }

  /** Nobody signs what a mirror holds back: it could as well give nothing. */
  async #held(module: string): Promise<Readonly<Record<string, string>>> {
    const { index, features } = await this.#discover()
    if (!features.includes('holds')) return {}
    return (await this.#find(heldVersions, `${index}/${module}.holds.json`))?.held ?? {}
  }

  async #index(module: string): Promise<Uint8Array> {
    const { index } = await this.#discover()
    const bytes = await this.#signed(module, `${index}/${module}.ndjson`)
    if (bytes) return bytes
    throw new LoaderError({
      code: 'module-not-found',
      message: `Cannot find "${module}": the registry "${this.registry.name}" (${this.registry.url}) has no such module`,
    })
  }

  /** A list that its registry has signed as the newest one. */
  async #signed(about: string, path: string): Promise<Uint8Array | undefined> {
    for (let reads = 1; ; reads++) {
      const bytes = await this.#transport.get(path, indexBytesMax)
      if (!bytes) return undefined
      try {
        await this.#believe(this.#trust?.index(about, path, bytes, new Date()))
        return bytes
      } catch (error) {
        if (reads === indexReadsMax || (error as LoaderError).code !== 'registry-untrusted') throw error
      }
    }
  }

  /** The packed module, checked against its integrity. @throws LoaderError */
  async archive({ module, version, integrity }: WantedVersion): Promise<Uint8Array> {
    const { blobs } = await this.#discover()
    const digest = parseIntegrity(integrity)
    const path = digest && `${blobs}/${digest.algorithm}/${digest.hex}`
    const insists = this.registry.allowQuarantined?.includes(moduleKey(module, version))
    const query = insists ? 'allow=quarantined' : ''
    const bytes = path && (await this.#transport.get(path, archiveLimits.packedBytesMax, query))
    if (!bytes) {
      throw new LoaderError({
        code: 'module-not-found',
        message: `Cannot fetch "${integrity}": the registry "${this.registry.name}" (${this.registry.url}) does not have it`,
      })
    }
    if (!matchesIntegrity(integrity, bytes)) {
      throw new LoaderError({
        code: 'integrity-mismatch',
        message: `Cannot use what the registry "${this.registry.name}" (${this.registry.url}) sent: found other bytes than "${integrity}"`,
      })
    }
    return bytes
  }

  /** The statement about a version as the registry sends it: whoever uses it verifies it. */
  async envelope(module: string, version: string): Promise<DsseEnvelope> {
    return (await this.#bundle(module, version)).statement
  }

  /** The registry's signed statement about a version; `undefined` when its root keys are not known here. @throws LoaderError `registry-untrusted`. */
  async statement(module: string, version: string, integrity: string): Promise<PublishPredicate | undefined> {
    if (!this.#trust) return undefined
    return (await this.published(module, version, integrity))?.predicate
  }

  /** The same with what it was read from, which may be kept to be judged again without the registry. */
  async published(
    module: string,
    version: string,
    integrity: string,
  ): Promise<{ readonly predicate: PublishPredicate; readonly bundle: Bundle } | undefined> {
    if (!this.#trust) return undefined
    const bundle = await this.#bundle(module, version)
    const predicate = await this.#believe(this.#trust.statement(bundle, subjectOf(module, version, integrity)))
    return { predicate: predicate!, bundle }
  }

  /** Judges a bundle that was kept. Asks nobody. @throws LoaderError `registry-untrusted`. */
  async verifyKept({ module, version, integrity }: WantedVersion, bundle: Bundle): Promise<void> {
    await this.#believe(this.#trust?.kept(bundle, subjectOf(module, version, integrity)))
  }

  /** Why the keys that vouched for a version were revoked; `undefined` when they were not. */
  async revocation(module: string, version: string): Promise<string | undefined> {
    return this.#trust && this.#believe(this.#trust.revocation(await this.#bundle(module, version)))
  }

  /** The same of a bundle that was kept, as far as it is known here. Asks nobody. */
  async keptRevocation(bundle: Bundle): Promise<string | undefined> {
    return this.#believe(this.#trust?.keptRevocation(bundle))
  }

  /** From when on nothing new is chosen by its keys. */
  async keysExpire(): Promise<Date | undefined> {
    return this.#believe(this.#trust?.expires())
  }

  /** What the registry says about modules that do harm, all of it. Empty where it has no such list. @throws LoaderError */
  advisories(): Promise<readonly ModuleAdvisory[]> {
    this.#advisories ??= this.#readAdvisories()
    return this.#advisories
  }

  async #readAdvisories(): Promise<readonly ModuleAdvisory[]> {
    const { advisories } = await this.#discover()
    if (advisories === undefined) return []
    const bytes = await this.#signed('advisories', `${advisories}/all.ndjson`)
    if (!bytes) throw this.#untrusted(`found no "${advisories}/all.ndjson"`)
    const lines = Buffer.from(bytes).toString().split('\n').filter(Boolean)
    return lines.flatMap((line) => moduleAdvisories(this.#parse(osvRecord, line, 'list of advisories')))
  }

  /** What a lockfile says of the registry. */
  locked(): LockedRegistry {
    const { url, root } = this.registry
    return { url, ...(root === undefined ? {} : { root }), ...this.#trust?.locked() }
  }

  async #bundle(module: string, version: string): Promise<Bundle> {
    const { modules } = await this.#discover()
    return this.#document(bundleDocument, `${modules}/${module}/${version}/bundle.json`)
  }

  async #believe<T>(judged: Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await judged
    } catch (error) {
      throw error instanceof LoaderError ? error : this.#untrusted((error as Error).message, error)
    }
  }

  #discover(): Promise<RegistryDiscovery> {
    this.#discovery ??= this.#readDiscovery()
    return this.#discovery
  }

  /** Paths stay below the registry's own address: discovery cannot send a client, and its token, elsewhere. */
  async #readDiscovery(): Promise<RegistryDiscovery> {
    const discovery = await this.#document(registryDiscovery, '.well-known/ingot.json')
    if (!discovery.protocol.includes('ingot/1')) {
      throw this.#untrusted(`it speaks ${discovery.protocol.join(', ')}, want "ingot/1"`)
    }
    const { index, blobs, modules, keys, log = index, advisories = index } = discovery
    for (const path of [index, blobs, modules, keys, log, advisories]) {
      if (!/^(?:\/?[\w-]+)+$/.test(path))
        throw this.#untrusted(`found the path ${JSON.stringify(path)}, want one below its own address`)
    }
    return discovery
  }

  async #document<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>> {
    const found = await this.#find(schema, path)
    if (found !== undefined) return found
    throw new LoaderError({
      code: 'registry-refused',
      message: `Cannot use the registry "${this.registry.name}" (${this.registry.url}): found no "${path}"`,
      hint: 'check the address of the registry block',
    })
  }

  async #find<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S> | undefined> {
    const bytes = await this.#transport.get(path, documentBytesMax)
    return bytes && this.#parse(schema, Buffer.from(bytes).toString(), `"${path}"`)
  }

  #parse<S extends z.ZodType>(schema: S, text: string, what: string): z.output<S> {
    try {
      return schema.parse(JSON.parse(text))
    } catch (error) {
      const found = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
      throw this.#untrusted(`${what} cannot be read: ${found}`, error)
    }
  }

  #untrusted(found: string, cause?: unknown): LoaderError {
    return new LoaderError(
      {
        code: 'registry-untrusted',
        message: `Cannot trust the registry "${this.registry.name}" (${this.registry.url}): ${found}`,
      },
      { cause },
    )
  }
}

function subjectOf(module: string, version: string, integrity: string): PublishSubject {
  return { module: `${module}@${version}`, sha512: parseIntegrity(integrity)?.hex ?? '' }
}
