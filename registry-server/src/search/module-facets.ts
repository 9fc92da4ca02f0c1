import {
  capabilityDocument,
  capabilitySummary,
  componentKind,
  componentSignals,
  noCapability,
  type ModuleManifest,
  type SearchFacet,
  type SearchItem,
} from '@ingot/manifest'

export type ModuleFacets = Readonly<Record<SearchFacet, readonly string[]>>

/** A module as lists show it, with what tells it apart. */
export type IndexedItem = Omit<SearchItem, 'highlights'> & { readonly facets: ModuleFacets }

export interface ShownVersion {
  readonly manifest: ModuleManifest
  readonly publishedAt: string
  readonly trust: number
  readonly status: string
}

export function indexedItem({ manifest, publishedAt, trust, status }: ShownVersion): IndexedItem {
  const { components, functions, configs, license } = manifest
  const kinds = sorted([
    ...components.map(componentKind),
    ...(functions.length > 0 ? ['function'] : []),
    ...(configs.length > 0 ? ['config'] : []),
  ])
  const signals = sorted(components.flatMap(componentSignals))
  const capabilities = Object.keys(capabilityDocument(manifest))
  const names = [...components, ...functions].map(({ name }) => name)
  return {
    name: manifest.name,
    version: manifest.version,
    description: manifest.description,
    keywords: manifest.keywords ?? [],
    components: names,
    kinds,
    signals,
    capabilities: capabilitySummary(manifest),
    license,
    trust,
    status,
    publishedAt,
    facets: {
      signal: signals,
      kind: kinds,
      capability: capabilities.length === 0 ? [noCapability] : capabilities,
      component: names,
      license: [license],
      trust: [String(trust)],
    },
  }
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}
