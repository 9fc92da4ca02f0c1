import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { IndexRenderer } from './log/index-renderer.ts'
import { openSeal } from './accounts/open-seal.ts'
import type { SecretSeal } from './accounts/secret-seal.ts'
import { Passkeys } from './accounts/passkeys.ts'
import { SignIn } from './accounts/sign-in.ts'
import { knownIssuers, type OidcIssuer } from './oidc/issuers.ts'
import { IdentityVerifier } from './oidc/verify-identity.ts'
import { OutboxWorker } from './log/outbox-worker.ts'
import { DownloadCounter } from './downloads/download-counter.ts'
import { defaultLimits, type Limits } from './limits/limits.ts'
import { Housekeeping } from './lifecycle/housekeeping.ts'
import { completeStages } from './publish/complete-stages.ts'
import { ModuleFiles } from './files/module-files.ts'
import { Gate } from './publish/gate.ts'
import { Mirrors } from './mirror/mirrors.ts'
import { openKeys, type RegistryKeys } from './keys/registry-keys.ts'
import { ProofChecker } from './proofs/proof-checker.ts'
import type { ProofOptions } from './proofs/look-for-proof.ts'
import type { OutboundOptions } from './outbound/post.ts'
import type { BlobStore } from './storage/blob-store.ts'
import { openMetaStore, type MetaStore } from './storage/meta-store.ts'
import { openBlobStore } from './storage/open-blob-store.ts'
import { WebhookSender } from './webhooks/webhook-sender.ts'

/** Uploads that are unpacked at the same time (each at most 32 MiB), and those that may wait for it. */
const inspections = { runningMax: 2, waitingMax: 256 }

/** Where a registry keeps what it knows. */
export interface StorageOptions {
  /** Keys, uploads under way and, unless the others say otherwise, everything else. */
  readonly dataDir: string
  /** `postgres://…`; without it a SQLite file in `dataDir`. */
  readonly database?: string | undefined
  /** `s3://bucket/prefix`; without it a folder in `dataDir`. */
  readonly blobs?: string | undefined
}

export interface RegistryOptions extends StorageOptions {
  /** How much one user may do, where it differs from the default. */
  readonly limits?: Partial<Limits>
  /** Where clients reach it: stands in its statements. */
  readonly url: string
  /** Issuers of identities for workflows, beside those that everybody has. */
  readonly issuers?: readonly OidcIssuer[]
  /** How it is looked for what proves who stands behind a scope. */
  readonly proofs?: ProofOptions
  /** The time that statements, events and signatures bear; default: this machine's. */
  readonly clock?: () => Date
  /** Where webhooks may lead; without it over HTTPS to the public internet. */
  readonly webhooks?: OutboundOptions
}

/** One registry: what it knows, its bytes and its keys. */
export interface Registry {
  readonly url: string
  /** Of everything that is told to others. Credentials and sessions go by the machine's own. */
  readonly clock: () => Date
  readonly meta: MetaStore
  readonly blobs: BlobStore
  readonly files: ModuleFiles
  readonly keys: RegistryKeys
  readonly indexes: IndexRenderer
  readonly gate: Gate
  readonly outbox: OutboxWorker
  /** Other registries, read through this one. */
  readonly mirrors: Mirrors
  readonly downloads: DownloadCounter
  readonly limits: Limits
  /** Whether webhooks may lead to private networks, and over plain HTTP. */
  readonly webhooksMayBePrivate: boolean
  readonly seal: SecretSeal
  readonly signIn: SignIn
  readonly passkeys: Passkeys
  readonly oidc: IdentityVerifier
  readonly proofs: ProofChecker
  close(): Promise<void>
}

/** Opens a registry, making what is missing, removing what a crash has left and doing what it has left to do. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { meta, blobs, close } = await openStorage(options)
  const { clock = () => new Date() } = options
  try {
    const keys = await openKeys(join(options.dataDir, 'keys'), options.url, clock())
    const seal = await openSeal(meta, join(options.dataDir, 'keys'), clock())
    const signIn = new SignIn(meta, seal)
    const housekeeping = new Housekeeping({ meta, blobs, clock })
    await housekeeping.start()
    const downloads = new DownloadCounter(meta.downloads)
    downloads.start()
    const outbox = new OutboxWorker({ meta, blobs, clock })
    await outbox.start()
    const proofs = new ProofChecker({ meta, registryUrl: options.url, clock, proofs: options.proofs ?? {} })
    proofs.start()
    const gate = new Gate(inspections)
    const webhooks = new WebhookSender(meta.deliveries, clock, options.webhooks)
    webhooks.start()
    const registry: Registry = {
      url: options.url,
      clock,
      mirrors: new Mirrors({ dataDir: options.dataDir, upstreams: meta.upstreams }),
      downloads,
      limits: { ...defaultLimits, ...options.limits },
      webhooksMayBePrivate: options.webhooks?.allowPrivate ?? false,
      meta,
      blobs,
      files: new ModuleFiles(blobs, gate),
      keys,
      indexes: new IndexRenderer({ meta, keys }),
      gate,
      outbox,
      seal,
      signIn,
      passkeys: new Passkeys(meta, signIn, options.url),
      oidc: new IdentityVerifier([...knownIssuers, ...(options.issuers ?? [])], options.url),
      proofs,
      close: async () => {
        await proofs.stop()
        await webhooks.stop()
        await downloads.stop()
        await housekeeping.stop()
        await outbox.stop()
        await close()
      },
    }
    await completeStages(registry)
    return registry
  } catch (error) {
    await close()
    throw error
  }
}

/** What a registry keeps, without its keys: for tools that run beside a server. */
export interface Storage {
  readonly meta: MetaStore
  readonly blobs: BlobStore
  close(): Promise<void>
}

export async function openStorage({ dataDir, database, blobs: location }: StorageOptions): Promise<Storage> {
  await mkdir(dataDir, { recursive: true })
  const meta = await openMetaStore(database ?? join(dataDir, 'registry.db'))
  const blobs = await openBlobStore(location, dataDir).catch(async (error: unknown) => {
    await meta.close()
    throw error
  })
  const close = async (): Promise<void> => {
    await blobs.close()
    await meta.close()
  }
  return { meta, blobs, close }
}
