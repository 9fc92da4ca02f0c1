import type { IndexHead, IndexLine } from '@ingot/manifest'
import { integrityOfHex } from '@ingot/trust'
import { compare } from 'semver'
import { newestVersion } from '../storage/meta/newest-version.ts'
import { publisherText, readPublishLeaf, type LoggedPublish } from './publish-leaf.ts'

export interface LogLeaf {
  readonly index: number
  readonly type: string
  readonly leaf: string
}

type LoggedVersion = LoggedPublish & { readonly log: number; readonly status: IndexLine['status'] }

/**
 * A module's index, from nothing but the log's leaves about it: whoever has the log can write the same bytes. `leaves`
 * are in the log's order, and there is at least one.
 */
export function projectIndex(module: string, leaves: readonly LogLeaf[]): string {
  const versions: LoggedVersion[] = []
  for (const { index, type, leaf } of leaves) {
    if (type === 'publish') versions.push({ ...readPublishLeaf(leaf), log: index, status: 'active' })
  }
  const latest = newestVersion(versions)
  const head: IndexHead = {
    _: 'head',
    name: module,
    tags: latest ? { latest: latest.version } : {},
    // Of the log as it was when the index last changed: other modules do not change it.
    logSize: leaves.at(-1)!.index + 1,
  }
  const deltas = capabilityDeltas(versions)
  const lines = versions.map((version) => indexLine(version, deltas.get(version.version)!))
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
}

function indexLine(version: LoggedVersion, delta: IndexLine['caps']['delta']): IndexLine {
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
  }
}

/** For each version what it may do that the one below it could not, and the other way round; `null` for the lowest. */
function capabilityDeltas(
  versions: readonly { readonly version: string; readonly capabilities: readonly string[] }[],
): ReadonlyMap<string, IndexLine['caps']['delta']> {
  const ascending = [...versions].sort((a, b) => compare(a.version, b.version))
  return new Map(
    ascending.map(({ version, capabilities }, place) => {
      const base = ascending[place - 1]
      if (!base) return [version, null]
      const added = capabilities.filter((line) => !base.capabilities.includes(line))
      const removed = base.capabilities.filter((line) => !capabilities.includes(line))
      return [version, { base: base.version, added, removed }]
    }),
  )
}
