import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { capabilityDocument, moduleKey } from '@ingot/manifest'
import { canonicalJson, integrity, signPublish } from '@ingot/trust'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { TokenRecord } from '../storage/meta-store.ts'
import { inspectModule, type InspectedModule } from './inspect-module.ts'
import { receiveUpload, type Upload } from './receive-upload.ts'

export interface PublishRequest {
  readonly module: string
  readonly version: string
  /** Hex, from the request's header. */
  readonly digest: string
  readonly body: Readable
  readonly token: TokenRecord
  readonly ip: string
}

/** `created` is false when the same bytes had been published before. */
export interface PublishResult {
  readonly created: boolean
  readonly bundle: string
}

/**
 * Publishes a version in one go (registry.md §2.5): stage and hash, check, make the blob durable, then one transaction,
 * which is the publish. A crash before it leaves at most a file that the next sweep removes.
 * @throws Problem
 */
export async function publishVersion(registry: Registry, request: PublishRequest): Promise<PublishResult> {
  if (registry.gate.full) {
    throw new Problem('busy', 'Cannot take the module now: too many uploads are waiting', {
      headers: { 'retry-after': '5' },
    })
  }
  const upload = await receiveUpload(request.body, request.digest, registry.blobs)
  try {
    const before = await registry.meta.version(request.module, request.version)
    if (before) return sameOrConflict(request, before)
    return await registry.gate.run(async () => {
      const inspected = await inspectModule(await readFile(upload.staged.path))
      wantSubject(request, inspected)
      return commit(registry, request, upload, inspected)
    })
  } finally {
    await upload.staged.discard()
  }
}

async function commit(
  registry: Registry,
  request: PublishRequest,
  upload: Upload,
  inspected: InspectedModule,
): Promise<PublishResult> {
  const { manifest, manifestBytes, files, unpackedBytes, readme } = inspected
  const { sha512, sizeBytes } = upload
  const publishedAt = new Date().toISOString()
  const publisher = `token:${request.token.description}`
  const manifestIntegrity = integrity('sha256', manifestBytes)
  const capsIntegrity = integrity('sha256', canonicalJson(capabilityDocument(manifest)))
  const trust = 0
  const statement = signPublish(
    { module: moduleKey(manifest.name, manifest.version), sha512 },
    {
      registry: registry.url,
      manifest: manifestIntegrity,
      caps: capsIntegrity,
      sizeBytes,
      unpackedBytes,
      files: files.length,
      deps: manifest.dependencies,
      ...(manifest.source === undefined ? {} : { source: manifest.source }),
      publisher: { kind: 'token', subject: request.token.description },
      trust,
      publishedAt,
    },
    [registry.keys.publish],
  )
  const bundle = JSON.stringify({ mediaType: 'application/vnd.ingot.bundle+json;version=1', statement })
  await registry.blobs.keep(upload.staged, sha512)
  const result = await registry.meta.commitVersion({
    version: manifest.version,
    sha512,
    sizeBytes,
    unpackedBytes,
    manifest,
    manifestIntegrity,
    capsIntegrity,
    publishedAt,
    publisher,
    trust,
    readme,
    bundle,
    files,
    leaf: Buffer.from(statement.payload, 'base64'),
    actorIp: request.ip,
  })
  if (result.created) return { created: true, bundle }
  // Somebody else's commit came between our look and ours.
  const first = await registry.meta.version(request.module, request.version)
  return sameOrConflict(request, { sha512: result.existing, bundle: first?.bundle ?? bundle })
}

function sameOrConflict(request: PublishRequest, before: { sha512: string; bundle: string }): PublishResult {
  if (before.sha512 === request.digest) return { created: false, bundle: before.bundle }
  throw new Problem(
    'version_exists',
    `Cannot publish "${moduleKey(request.module, request.version)}": it exists with other content (sha512 ${before.sha512})`,
    { hint: 'a version never changes: publish the next one' },
  )
}

function wantSubject(request: PublishRequest, { manifest }: InspectedModule): void {
  if (manifest.name === request.module && manifest.version === request.version) return
  const [found, wanted] = [moduleKey(manifest.name, manifest.version), moduleKey(request.module, request.version)]
  throw new Problem('manifest_invalid', `Cannot publish "${wanted}": found a module that calls itself "${found}"`)
}
