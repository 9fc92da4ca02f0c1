import { indexHead, indexLine, registryDiscovery, type LockedRegistry, type RegistryDiscovery } from '@ingot/manifest'
import {
  archiveLimits,
  dsseEnvelope,
  matchesIntegrity,
  parseIntegrity,
  type DsseEnvelope,
  type PublishPredicate,
} from '@ingot/trust'
import { z } from 'zod'
import { LoaderError } from '../loader-error.ts'
import type { ModuleIndex } from '../resolve/requirement.ts'
import { inclusionDocument } from './log-reader.ts'
import type { RegistryConfig } from './registry-config.ts'
import { RegistryMemory } from './registry-memory.ts'
import { RegistryTrust, type Bundle } from './registry-trust.ts'
import { transportOf, type Transport } from './transport.ts'

const documentBytesMax = 2 ** 20
/** About ten thousand versions. */
const indexBytesMax = 16 * 2 ** 20

/** An index and its signature are two answers, between which something may be published. */
const indexReadsMax = 3

const bundleDocument = z.looseObject({ statement: dsseEnvelope, inclusion: inclusionDocument.optional() })

export interface ClientOptions {
  /** Where it lies what is known of registries. */
  readonly cacheDir: string
  /** What ingot.lock says of this one. */
  readonly locked?: LockedRegistry | undefined
}

/** Reads one registry (protocol `ingot/1`). What it answers is believed only as far as it is verified. */
export class RegistryClient {
  readonly registry: RegistryConfig
  readonly #transport: Transport
  #discovery: Promise<RegistryDiscovery> | undefined
  /** Without root keys that the user names, nothing is verified but integrity. */
  readonly #trust: RegistryTrust | undefined

  constructor(registry: RegistryConfig, { cacheDir, locked }: ClientOptions) {
    this.registry = registry
    this.#transport = transportOf(registry)
    if (registry.root === undefined) return
    this.#trust = new RegistryTrust({
      fingerprint: registry.root,
      memory: new RegistryMemory(cacheDir, registry),
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
    const { name, tags } = this.#parse(indexHead, head ?? '', `index of "${module}"`)
    if (name !== module) throw this.#untrusted(`its index of "${module}" is about "${name}"`)
    return { tags, lines: lines.map((line) => this.#parse(indexLine, line, `index of "${module}"`)) }
  }

  async #index(module: string): Promise<Uint8Array> {
    const { index } = await this.#discover()
    const path = `${index}/${module}.ndjson`
    for (let reads = 1; ; reads++) {
      const bytes = await this.#transport.get(path, indexBytesMax)
      if (!bytes) {
        throw new LoaderError({
          code: 'module-not-found',
          message: `Cannot find "${module}": the registry "${this.registry.name}" (${this.registry.url}) has no such module`,
        })
      }
      try {
        await this.#believe(this.#trust?.index(module, path, bytes, new Date()))
        return bytes
      } catch (error) {
        if (reads === indexReadsMax || (error as LoaderError).code !== 'registry-untrusted') throw error
      }
    }
  }

  /** The packed module, checked against its integrity. @throws LoaderError */
  async archive(integrity: string): Promise<Uint8Array> {
    const { blobs } = await this.#discover()
    const digest = parseIntegrity(integrity)
    const bytes =
      digest && (await this.#transport.get(`${blobs}/${digest.algorithm}/${digest.hex}`, archiveLimits.packedBytesMax))
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
    const wanted = { module: `${module}@${version}`, sha512: parseIntegrity(integrity)?.hex ?? '' }
    return this.#believe(this.#trust.statement(await this.#bundle(module, version), wanted))
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
    for (const path of [discovery.index, discovery.blobs, discovery.modules, discovery.keys, discovery.log ?? '/']) {
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
