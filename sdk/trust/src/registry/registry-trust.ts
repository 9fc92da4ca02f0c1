import type { DsseEnvelope } from '../dsse.ts'
import { integrityOfHex, parseIntegrity } from '../integrity.ts'
import { followRoot } from '../keys/follow-root.ts'
import { verifyIndex } from '../keys/index-statement.ts'
import { claimedRoot, wantUnexpired, type RootDocument } from '../keys/root-document.ts'
import { logOrigin, type Checkpoint } from '../log/checkpoint.ts'
import { revokedSigner, verifyPublish, type PublishPredicate, type PublishSubject } from '../publish-statement.ts'
import type { Bundle } from './bundle.ts'
import { earlierHead, LogForkError, LogReader, type EarlierHead } from './log-reader.ts'
import type { TrustMemory } from './trust-memory.ts'

/** What a lockfile keeps of a log. */
export interface LockedLog {
  readonly logOrigin?: string | undefined
  readonly checkpoint?: { readonly size: number; readonly hash: string } | undefined
}

export interface TrustSources {
  /** Paths of the registry. */
  readonly discovery: { readonly keys: string; readonly log?: string | undefined }
  /** The root document at a path, if the registry has one there. */
  readonly rootAt: (path: string) => Promise<DsseEnvelope | undefined>
  readonly get: (path: string, bytesMax: number) => Promise<Uint8Array | undefined>
}

export interface TrustOptions {
  /** Of the root keys that the user names. */
  readonly fingerprint: string
  readonly memory: TrustMemory
  /** What ingot.lock says of the registry. */
  readonly locked: LockedLog | undefined
  readonly sources: () => Promise<TrustSources>
}

/**
 * Whether a registry may be believed: its keys follow from those that the user names, its log from what it was before. What is
 * pinned is judged without looking at the clock.
 * @throws Error with what is wrong; whatever `sources` throw where the registry cannot be asked.
 */
export class RegistryTrust {
  readonly #options: TrustOptions
  #root: Promise<RootDocument> | undefined
  #checkpoint: Checkpoint | undefined
  #advanced: Promise<unknown> = Promise.resolve()

  constructor(options: TrustOptions) {
    this.#options = options
  }

  /** The registry's own statement about a version, made with keys of its time and written into its log. */
  async statement({ statement, inclusion }: Bundle, wanted: PublishSubject): Promise<PublishPredicate> {
    const root = await this.#currentRoot()
    const origin = this.#originOf(root)
    if (origin === undefined) return verifyPublish(statement, wanted, root)
    if (!inclusion) throw new Error(`its bundle of "${wanted.module}" names no place in its log`)
    const predicate = verifyPublish(statement, wanted, root, inclusion.index)
    const log = await this.#log(origin, root)
    await this.#advance(log, log.include(Buffer.from(statement.payload, 'base64'), inclusion))
    return predicate
  }

  /** The same of a statement that was kept, by the keys that were followed last and its own checkpoint. Asks nobody. */
  async kept({ statement, inclusion }: Bundle, wanted: PublishSubject): Promise<PublishPredicate> {
    const { root: envelope } = await this.#options.memory.read()
    if (!envelope) throw new Error('nothing is known here of its keys')
    const root = claimedRoot(envelope)
    const origin = this.#originOf(root)
    if (origin === undefined) return verifyPublish(statement, wanted, root)
    if (!inclusion) throw new Error(`its bundle of "${wanted.module}" names no place in its log`)
    const log = new LogReader({ origin, root, get: async () => undefined })
    log.include(Buffer.from(statement.payload, 'base64'), inclusion)
    return verifyPublish(statement, wanted, root, inclusion.index)
  }

  /** Why the keys were revoked that have signed a statement, if all of them were that count for it. */
  async revocation({ statement, inclusion }: Bundle): Promise<string | undefined> {
    return revokedSigner(statement, await this.#currentRoot(), inclusion?.index)
  }

  /** The same by the keys that were followed last. Asks nobody. */
  async keptRevocation({ statement, inclusion }: Bundle): Promise<string | undefined> {
    const { root } = await this.#options.memory.read()
    return root && revokedSigner(statement, claimedRoot(root), inclusion?.index)
  }

  /** That its log as it is now extends what was known of it. */
  async refresh(): Promise<void> {
    const root = await this.#currentRoot()
    const origin = this.#originOf(root)
    if (origin === undefined) throw new Error('its keys name no log')
    await this.#advance(await this.#log(origin, root))
  }

  /** From when on nothing new is chosen by the registry's keys. */
  async expires(): Promise<Date | undefined> {
    const { expires } = await this.#currentRoot()
    return expires === undefined ? undefined : new Date(expires)
  }

  /** That `bytes` are the newest index at `path`, by the clock too: for choosing a version. */
  async index(module: string, path: string, bytes: Uint8Array, now: Date): Promise<void> {
    const root = await this.#currentRoot()
    wantUnexpired(root, now)
    if (!root.roles.index) return
    const { rootAt } = await this.#options.sources()
    const envelope = await rootAt(path.replace(/\.ndjson$/, '.sig'))
    if (!envelope) throw new Error(`its index of "${module}" is not signed`)
    const { logSize } = verifyIndex(envelope, { path, bytes }, root, now)
    await this.#options.memory.update((known) => {
      const before = known.indexes[module] ?? 0
      if (logSize < before)
        throw new Error(
          `its index of "${module}" is an old one: found that of ${logSize} leaves of its log, after that of ${before}`,
        )
      return logSize === before ? known : { ...known, indexes: { ...known.indexes, [module]: logSize } }
    })
    const origin = this.#originOf(root)
    if (origin !== undefined) await this.#reach(logSize, module, await this.#log(origin, root))
  }

  /** The log has all that an index tells. */
  async #reach(logSize: number, module: string, log: LogReader): Promise<void> {
    await this.#advanced
    if (!this.#checkpoint || this.#checkpoint.size < logSize) await this.#advance(log)
    if (this.#checkpoint!.size < logSize)
      throw new Error(`its log has ${this.#checkpoint!.size} leaves, and its index of "${module}" tells of ${logSize}`)
  }

  /** What a lockfile keeps of the log as it is now. */
  locked(): { readonly logOrigin?: string; readonly checkpoint?: { readonly size: number; readonly hash: string } } {
    if (!this.#checkpoint) return {}
    const { origin, size, root } = this.#checkpoint
    return {
      logOrigin: origin,
      checkpoint: { size, hash: integrityOfHex('sha256', Buffer.from(root).toString('hex')) },
    }
  }

  /** The name of the log; `undefined` for a registry whose keys name none, and never did. */
  #originOf(root: RootDocument): string | undefined {
    const { locked } = this.#options
    if (!root.roles.log) {
      if (locked?.logOrigin === undefined) return undefined
      throw new Error(`its keys name no log, and ingot.lock names "${locked.logOrigin}"`)
    }
    const origin = logOrigin(root.registry)
    if (locked?.logOrigin !== undefined && locked.logOrigin !== origin)
      throw new Error(`its log is "${origin}", and ingot.lock names "${locked.logOrigin}"`)
    return origin
  }

  #currentRoot(): Promise<RootDocument> {
    this.#root ??= this.#followRoot()
    return this.#root
  }

  async #followRoot(): Promise<RootDocument> {
    const { fingerprint, memory, sources } = this.#options
    const { discovery, rootAt } = await sources()
    const known = await memory.read()
    const newest = await rootAt(`${discovery.keys}/root.json`)
    if (!newest) throw new Error('it does not say which keys it has')
    const kept = known.root && { document: claimedRoot(known.root), envelope: known.root }
    const { document, envelope } = await followRoot(fingerprint, kept, {
      newest,
      numbered: (version) => rootAt(`${discovery.keys}/${version}.root.json`),
    })
    if (envelope.payload !== known.root?.payload) await memory.update((last) => ({ ...last, root: envelope }))
    return document
  }

  async #log(origin: string, root: RootDocument): Promise<LogReader> {
    const { discovery, get } = await this.#options.sources()
    const { log } = discovery
    if (log === undefined) throw new Error('its keys name a log, and it does not say where that is')
    return new LogReader({ origin, root, get: (path, bytesMax) => get(`${log}/${path}`, bytesMax) })
  }

  /** The newest checkpoint must extend the last one here, that of ingot.lock, and that of a publish. One after the other. */
  #advance(log: LogReader, published?: EarlierHead): Promise<void> {
    const advanced = this.#advanced.then(() => this.#extend(log, published))
    this.#advanced = advanced.catch(() => undefined)
    return advanced
  }

  async #extend(log: LogReader, published: EarlierHead | undefined): Promise<void> {
    const { memory, locked } = this.#options
    const { checkpoint } = await memory.read()
    const earlier = published ? [published] : []
    if (checkpoint !== undefined) earlier.unshift(earlierHead(checkpoint))
    if (locked?.checkpoint) earlier.push(lockedHead(locked.checkpoint))
    try {
      this.#checkpoint = await log.advance(earlier)
    } catch (error) {
      if (!(error instanceof LogForkError)) throw error
      const [before, now] = error.notes
      const path = await memory.keepEvidence({ found: error.message, before, now })
      throw new Error(`${error.message}; what it has signed is kept in "${path}"`, { cause: error })
    }
    const { note } = this.#checkpoint
    if (note !== checkpoint) await memory.update((last) => ({ ...last, checkpoint: note }))
  }
}

function lockedHead({ size, hash }: NonNullable<LockedLog['checkpoint']>): EarlierHead {
  const digest = parseIntegrity(hash)
  if (digest?.algorithm !== 'sha256')
    throw new Error(`ingot.lock names the root ${JSON.stringify(hash)}, want a SHA-256`)
  return { size, root: Buffer.from(digest.hex, 'hex'), note: `ingot.lock: ${size} leaves, root ${hash}` }
}
