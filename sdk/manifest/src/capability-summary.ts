import type { CapabilityRequest, ModuleManifest } from './module-manifest.ts'

/** Capability → requests of a whole module: what its capability digest is made over. */
export type CapabilityDocument = Readonly<Record<string, readonly CapabilityRequest[]>>

/** Every capability of a module's components, each request once, in an order that follows from the content alone. */
export function capabilityDocument(manifest: Pick<ModuleManifest, 'components'>): CapabilityDocument {
  const requests = new Map<string, Map<string, CapabilityRequest>>()
  for (const component of manifest.components) {
    for (const [capability, list] of Object.entries(component.capabilities)) {
      const known = requests.get(capability) ?? new Map<string, CapabilityRequest>()
      requests.set(capability, known)
      for (const request of list) known.set(JSON.stringify([request.from, request.values, request.why]), request)
    }
  }
  const sorted = [...requests].sort(([a], [b]) => compare(a, b))
  return Object.fromEntries(
    sorted.map(([capability, known]) => [
      capability,
      [...known].sort(([a], [b]) => compare(a, b)).map(([, request]) => request),
    ]),
  )
}

/** One readable line for each power, sorted, without the reasons: for lockfiles and for comparing versions. */
export function capabilitySummary(manifest: Pick<ModuleManifest, 'components'>): string[] {
  const lines = new Set<string>()
  for (const [capability, requests] of Object.entries(capabilityDocument(manifest))) {
    if (requests.length === 0) lines.add(capability)
    for (const { from, values } of requests) {
      if (from !== undefined) lines.add(`${capability} of ${from}`)
      for (const value of values ?? []) lines.add(`${capability} ${value}`)
      if (from === undefined && (values ?? []).length === 0) lines.add(capability)
    }
  }
  return [...lines].sort(compare)
}

/** By code units: the same everywhere, whatever the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
