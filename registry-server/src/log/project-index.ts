import { activeTags, capabilityChanges, type IndexHead, type IndexLine } from '@ingot/manifest'
import { integrityOfHex } from '@ingot/trust'
import { compare } from 'semver'
import { moduleState, type LogLeaf, type VersionState } from './module-state.ts'
import { publisherText } from './publish-leaf.ts'

/**
 * A module's index, from nothing but the log's leaves about it: whoever has the log can write the same bytes. `leaves`
 * are in the log's order, and there is at least one.
 */
export function projectIndex(module: string, leaves: readonly LogLeaf[]): string {
  const { versions, tags, deprecated, successor } = moduleState(leaves)
  const head: IndexHead = {
    _: 'head',
    name: module,
    tags: activeTags(versions, tags),
    deprecated,
    successor,
    // Of the log as it was when the index last changed: other modules do not change it.
    logSize: leaves.at(-1)!.index + 1,
  }
  const deltas = capabilityDeltas(versions)
  const lines = versions.map((version) => indexLine(version, deltas.get(version.version)!))
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
}

function indexLine(version: VersionState, delta: IndexLine['caps']['delta']): IndexLine {
  return {
    v: version.version,
    integrity: integrityOfHex('sha512', version.sha512),
    size: version.sizeBytes,
    manifest: version.manifest,
    deps: version.deps,
    api: version.api,
    components: version.components,
    ...(version.functions && { functions: version.functions }),
    caps: { digest: version.caps, summary: version.capabilities, delta },
    published: version.publishedAt,
    trust: version.trust,
    publisher: publisherText(version),
    log: version.log,
    status: version.status,
    reason: version.reason,
    deprecated: version.deprecated,
    successor: version.successor,
    yankedAt: version.yankedAt,
  }
}

/** For each version what it may do that the one below it could not, and the other way round; `null` for the lowest. */
export function capabilityDeltas(
  versions: readonly { readonly version: string; readonly capabilities: readonly string[] }[],
): ReadonlyMap<string, IndexLine['caps']['delta']> {
  const ascending = [...versions].sort((a, b) => compare(a.version, b.version))
  return new Map(
    ascending.map(({ version, capabilities }, place) => {
      const base = ascending[place - 1]
      if (!base) return [version, null]
      const { added, widened, removed } = capabilityChanges(base.capabilities, capabilities)
      return [version, { base: base.version, added: [...added], widened: [...widened], removed: [...removed] }]
    }),
  )
}
