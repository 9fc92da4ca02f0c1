import { logEntryBytesMax, type DsseEnvelope, type PublishPredicate } from '@ingot/trust'
import { signPublishLeaf } from '../log/publish-leaf.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { Approval } from '../storage/meta/stage-store.ts'
import type { InspectedModule } from './inspect-module.ts'

export interface SignFacts {
  readonly inspected: InspectedModule
  readonly sha512: string
  readonly sizeBytes: number
  readonly publisher: PublishPredicate['publisher']
  readonly approvals: readonly Approval[]
  /** Whether a person with a second factor has sent it themselves. */
  readonly humanSecondFactor: boolean
  readonly now: Date
}

/** The registry's statement about a version that is about to be published. @throws Problem when the log has no room for it. */
export function signVersion(registry: Registry, facts: SignFacts): { statement: DsseEnvelope; leaf: string } {
  const { inspected, sha512, sizeBytes, publisher, approvals, now } = facts
  const { manifest, manifestBytes, files, unpackedBytes } = inspected
  const statement = signPublishLeaf(
    {
      registry: registry.keys.root.registry,
      manifest,
      manifestBytes,
      sha512,
      sizeBytes,
      unpackedBytes,
      files: files.length,
      publisher,
      ...(approvals.length > 0 && { approvals: approvals.map(({ user, method, at }) => ({ user, method, at })) }),
      trust: trustOf(facts),
      publishedAt: now.toISOString(),
    },
    registry.keys.publish,
  )
  const leaf = Buffer.from(statement.payload, 'base64')
  if (leaf.length <= logEntryBytesMax) return { statement, leaf: leaf.toString() }
  throw new Problem(
    'manifest_invalid',
    `Cannot take the module: its statement has ${leaf.length} bytes, want at most ${logEntryBytesMax}`,
    { hint: 'split the module, or shorten its capabilities and dependencies' },
  )
}

/** 3 a trusted publisher that people have approved, 2 a trusted publisher, 1 a person with a second factor, 0 a token. */
function trustOf({ publisher, approvals, humanSecondFactor }: SignFacts): 0 | 1 | 2 | 3 {
  if (publisher.kind === 'oidc') return approvals.length > 0 ? 3 : 2
  return approvals.length > 0 || humanSecondFactor ? 1 : 0
}
