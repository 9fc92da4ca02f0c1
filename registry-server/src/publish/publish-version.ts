import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { moduleKey } from '@ingot/manifest'
import { logEntryBytesMax } from '@ingot/trust'
import { authorOf, publisherOf, type Principal } from '../access/principal.ts'
import { bundleText } from '../log/bundle.ts'
import { signPublishLeaf } from '../log/publish-leaf.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { inspectModule, type InspectedModule } from './inspect-module.ts'
import { receiveUpload, type Upload } from './receive-upload.ts'

export interface PublishRequest {
  readonly module: string
  readonly version: string
  /** Hex, from the request's header. */
  readonly digest: string
  readonly body: Readable
  readonly principal: Principal
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
    const before = await registry.meta.versions.find(request.module, request.version)
    if (before) return sameOrConflict(request, before)
    const result = await registry.gate.run(async () => {
      const inspected = await inspectModule(await readFile(upload.staged.path))
      wantSubject(request, inspected)
      return commit(registry, request, upload, inspected)
    })
    if (result.created) await registry.outbox.drain()
    return result
  } finally {
    await upload.staged.discard()
  }
}

async function commit(
  registry: Registry,
  request: PublishRequest,
  upload: Upload,
  { manifest, manifestBytes, files, unpackedBytes, readme }: InspectedModule,
): Promise<PublishResult> {
  const { sha512, sizeBytes } = upload
  const publishedAt = new Date().toISOString()
  const publisher = publisherOf(request.principal)
  const facts = {
    registry: registry.keys.root.registry,
    manifest,
    manifestBytes,
    sha512,
    sizeBytes,
    unpackedBytes,
    trust: 0,
    publishedAt,
  }
  const statement = signPublishLeaf({ ...facts, files: files.length, publisher }, registry.keys.publish)
  const leaf = Buffer.from(statement.payload, 'base64')
  if (leaf.length > logEntryBytesMax) {
    const found = `its statement has ${leaf.length} bytes, want at most ${logEntryBytesMax}`
    throw new Problem('manifest_invalid', `Cannot take the module: ${found}`, {
      hint: 'split the module, or shorten its capabilities and dependencies',
    })
  }
  await registry.blobs.keep(upload.staged, sha512)
  const result = await registry.meta.versions.commit({
    manifest,
    readme,
    files,
    leaf: leaf.toString(),
    author: authorOf(request.principal, request.ip),
    bundleAt: (place) => bundleText(statement, place, registry.keys),
  })
  return sameOrConflict(request, result)
}

function sameOrConflict(
  request: PublishRequest,
  found: { readonly created?: boolean; readonly sha512: string; readonly bundle: string; readonly status: string },
): PublishResult {
  if (found.status === 'tombstoned') {
    const key = moduleKey(request.module, request.version)
    throw new Problem('tombstoned', `Cannot publish "${key}": it was there, and is gone for good`, {
      hint: 'a version never comes back: publish the next one',
    })
  }
  if (found.sha512 === request.digest) return { created: found.created === true, bundle: found.bundle }
  throw new Problem(
    'version_exists',
    `Cannot publish "${moduleKey(request.module, request.version)}": it exists with other content (sha512 ${found.sha512})`,
    { hint: 'a version never changes: publish the next one' },
  )
}

function wantSubject(request: PublishRequest, { manifest }: InspectedModule): void {
  if (manifest.name === request.module && manifest.version === request.version) return
  const [found, wanted] = [moduleKey(manifest.name, manifest.version), moduleKey(request.module, request.version)]
  throw new Problem('manifest_invalid', `Cannot publish "${wanted}": found a module that calls itself "${found}"`)
}
