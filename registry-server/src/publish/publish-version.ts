import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { moduleKey } from '@ingot/manifest'
import { authorOf, publisherOf, userOf, type Principal } from '../access/principal.ts'
import { bundleText } from '../log/bundle.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { holdReasons, type Judged } from './hold-reasons.ts'
import { inspectModule, type InspectedModule } from './inspect-module.ts'
import { receiveUpload, type Upload } from './receive-upload.ts'
import { signVersion } from './sign-version.ts'
import { wantProvenance } from './want-provenance.ts'

export interface PublishRequest {
  readonly module: string
  readonly version: string
  /** Hex, from the request's header. */
  readonly digest: string
  readonly body: Readable
  readonly principal: Principal
  readonly ip: string
  /** Whether it is to wait for people whatever it is. */
  readonly stage: boolean
  /** Whether it is only checked. */
  readonly dryRun: boolean
}

/** `created` is false when the same bytes had been published before. */
export type PublishResult =
  | { readonly kind: 'published'; readonly created: boolean; readonly bundle: string }
  | { readonly kind: 'staged'; readonly stageId: string; readonly reasons: Judged['reasons'] }
  | ({ readonly kind: 'checked' } & Judged)

/**
 * Publishes a version in one go (registry.md §2.5): stage and hash, check, make the blob durable, then one transaction,
 * which is the publish. A crash before it leaves at most a file that the next sweep removes. What has to wait for people
 * is kept, and is published when they say so.
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
      return finish(registry, request, upload, inspected)
    })
    if (result.kind === 'published' && result.created) await registry.outbox.drain()
    return result
  } finally {
    await upload.staged.discard()
  }
}

async function finish(
  registry: Registry,
  request: PublishRequest,
  upload: Upload,
  inspected: InspectedModule,
): Promise<PublishResult> {
  const { principal, ip, stage, dryRun } = request
  const now = registry.clock()
  const { sha512, sizeBytes } = upload
  const { manifest, readme, files } = inspected
  const publisher = publisherOf(principal)
  await wantProvenance(registry, manifest, publisher)
  const judged = await holdReasons(registry, manifest, principal, { stage, now })
  const humanSecondFactor = principal.kind === 'session' && principal.session.secondFactorAt !== undefined
  const facts = { inspected, sha512, sizeBytes, publisher, approvals: [], humanSecondFactor, now }
  const { statement, leaf } = signVersion(registry, facts)
  if (dryRun) return { kind: 'checked', ...judged }
  await registry.blobs.keep(upload.staged, sha512)
  const author = authorOf(principal, ip)
  if (judged.reasons.length > 0) {
    const { module, version } = request
    const waiting = {
      module,
      version,
      sha512,
      sizeBytes,
      reasons: judged.reasons,
      publisher,
      userId: userOf(principal)?.id,
    }
    const { id, reasons } = await registry.meta.stages.add(waiting, author, now)
    return { kind: 'staged', stageId: id, reasons }
  }
  const result = await registry.meta.versions.commit({
    manifest,
    readme,
    files,
    leaf,
    author,
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
  if (found.sha512 === request.digest) {
    return { kind: 'published', created: found.created === true, bundle: found.bundle }
  }
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
