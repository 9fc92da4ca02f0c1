import { indexHead, indexLine, registryDiscovery, type IndexLine, type RegistryDiscovery } from '@ingot/manifest'
import {
  archiveLimits,
  dsseEnvelope,
  matchesIntegrity,
  parseIntegrity,
  verifyPublish,
  verifyRoot,
  type DsseEnvelope,
  type PublishPredicate,
  type RootDocument,
} from '@ingot/trust'
import { z } from 'zod'
import { LoaderError } from '../loader-error.ts'
import type { RegistryConfig } from './registry-config.ts'
import { transportOf, type Transport } from './transport.ts'

const documentBytesMax = 2 ** 20
/** About ten thousand versions. */
const indexBytesMax = 16 * 2 ** 20

const bundleDocument = z.looseObject({ statement: dsseEnvelope })

/** Reads one registry (protocol `ingot/1`). What it answers is believed only as far as it is verified. */
export class RegistryClient {
  readonly registry: RegistryConfig
  readonly #transport: Transport
  #discovery: Promise<RegistryDiscovery> | undefined
  #root: Promise<RootDocument> | undefined

  constructor(registry: RegistryConfig) {
    this.registry = registry
    this.#transport = transportOf(registry)
  }

  /** Every version of a module, in the order of publication. @throws LoaderError `module-not-found`. */
  async versions(module: string): Promise<IndexLine[]> {
    const { index } = await this.#discover()
    const bytes = await this.#transport.get(`${index}/${module}.ndjson`, indexBytesMax)
    if (!bytes) {
      throw new LoaderError({
        code: 'module-not-found',
        message: `Cannot find "${module}": the registry "${this.registry.name}" (${this.registry.url}) has no such module`,
      })
    }
    const [head, ...lines] = Buffer.from(bytes).toString().split('\n').filter(Boolean)
    const { name } = this.#parse(indexHead, head ?? '', `index of "${module}"`)
    if (name !== module) throw this.#untrusted(`its index of "${module}" is about "${name}"`)
    return lines.map((line) => this.#parse(indexLine, line, `index of "${module}"`))
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
    const { modules } = await this.#discover()
    return (await this.#document(bundleDocument, `${modules}/${module}/${version}/bundle.json`)).statement
  }

  /** The registry's signed statement about a version; `undefined` when its root keys are not known here. @throws LoaderError `registry-untrusted`. */
  async statement(module: string, version: string, integrity: string): Promise<PublishPredicate | undefined> {
    const { root: fingerprint } = this.registry
    if (fingerprint === undefined) return undefined
    const envelope = await this.envelope(module, version)
    this.#root ??= this.#verifiedRoot(fingerprint)
    const root = await this.#root
    try {
      return verifyPublish(
        envelope,
        { module: `${module}@${version}`, sha512: parseIntegrity(integrity)?.hex ?? '' },
        root,
      )
    } catch (error) {
      throw this.#untrusted((error as Error).message, error)
    }
  }

  async #verifiedRoot(fingerprint: string): Promise<RootDocument> {
    const { keys } = await this.#discover()
    const envelope = await this.#document(dsseEnvelope, `${keys}/root.json`)
    try {
      return verifyRoot(envelope, fingerprint)
    } catch (error) {
      throw this.#untrusted((error as Error).message, error)
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
    for (const path of [discovery.index, discovery.blobs, discovery.modules, discovery.keys]) {
      if (!/^(?:\/?[\w-]+)+$/.test(path))
        throw this.#untrusted(`found the path ${JSON.stringify(path)}, want one below its own address`)
    }
    return discovery
  }

  async #document<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>> {
    const bytes = await this.#transport.get(path, documentBytesMax)
    if (!bytes) {
      throw new LoaderError({
        code: 'registry-refused',
        message: `Cannot use the registry "${this.registry.name}" (${this.registry.url}): found no "${path}"`,
        hint: 'check the address of the registry block',
      })
    }
    return this.#parse(schema, Buffer.from(bytes).toString(), `"${path}"`)
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
