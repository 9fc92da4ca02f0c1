import { capabilityDocument, capabilitySummary, moduleKey, type ModuleManifest } from '@ingot/manifest'
import {
  canonicalJson,
  integrity,
  publishPredicate,
  signPublish,
  type DsseEnvelope,
  type PublishPredicate,
  type SigningKey,
} from '@ingot/trust'
import { z } from 'zod'

/** What a statement says beside what every client reads: enough to write the module's index from the log alone. */
const loggedPredicate = publishPredicate.extend({
  api: z.int(),
  components: z.array(z.string()),
  /** Absent without any. */
  functions: z.array(z.string()).optional(),
  /** One line for each power (`capabilitySummary`). */
  capabilities: z.array(z.string()),
})

const publishLeaf = z.object({
  subject: z.tuple([z.object({ name: z.string(), digest: z.object({ sha512: z.string() }) })]),
  predicate: loggedPredicate,
})

/** One publish, as its leaf tells it. */
export type LoggedPublish = z.infer<typeof loggedPredicate> & { readonly version: string; readonly sha512: string }

export interface PublishFacts {
  readonly registry: string
  readonly manifest: ModuleManifest
  readonly manifestBytes: Uint8Array
  readonly sha512: string
  readonly sizeBytes: number
  readonly unpackedBytes: number
  readonly files: number
  readonly publisher: PublishPredicate['publisher']
  readonly approvals?: PublishPredicate['approvals']
  readonly trust: number
  readonly publishedAt: string
}

/** The registry's signed statement about a publish; its payload is the log's leaf. */
export function signPublishLeaf(facts: PublishFacts, key: SigningKey): DsseEnvelope {
  const { manifest, manifestBytes, sha512, ...rest } = facts
  return signPublish(
    { module: moduleKey(manifest.name, manifest.version), sha512 },
    {
      ...rest,
      manifest: integrity('sha256', manifestBytes),
      caps: integrity('sha256', canonicalJson(capabilityDocument(manifest))),
      api: manifest.api,
      components: manifest.components.map(({ name }) => name),
      ...(manifest.functions.length > 0 && { functions: manifest.functions.map(({ name }) => name) }),
      capabilities: capabilitySummary(manifest),
      deps: manifest.dependencies,
      ...(manifest.source === undefined ? {} : { source: manifest.source }),
    },
    [key],
  )
}

export function readPublishLeaf(leaf: string): LoggedPublish {
  const { subject, predicate } = publishLeaf.parse(JSON.parse(leaf))
  const [{ name, digest }] = subject
  return { ...predicate, version: name.slice(name.lastIndexOf('@') + 1), sha512: digest.sha512 }
}

/** Who published, as indexes and pages name them. */
export function publisherText({ publisher }: Pick<LoggedPublish, 'publisher'>): string {
  return `${publisher.kind}:${publisher.subject}`
}
