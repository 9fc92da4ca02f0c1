import type { JsonSchema } from '@ingot/manifest'
import type { CheckedManifest } from '../known-manifests.ts'

/** What Alloy has, whether Ingot has it yet or not: enough to check a configuration that uses it. */
export interface PlannedComponents {
  /** Full names. */
  readonly names: ReadonlySet<string>
  manifest(component: string): CheckedManifest | undefined
  /** The arguments of a configuration block: `tracing`. */
  block(name: string): CheckedManifest | undefined
}

/** The generated document: one for all components, because they share most of their blocks. */
interface PlannedDocument {
  readonly components: Readonly<Record<string, PlannedEntry>>
  readonly blocks: Readonly<Record<string, PlannedEntry>>
  readonly shared: Readonly<Record<string, JsonSchema>>
}
interface PlannedEntry extends Pick<CheckedManifest, 'stability' | 'community' | 'arguments'> {
  readonly exports?: JsonSchema
}

/** Where the generated document lies: this package reads no files. */
export const plannedComponentsFile: URL = new URL('components.generated.json', import.meta.url)

/** @param text of {@link plannedComponentsFile} */
export function readPlannedComponents(text: string): PlannedComponents {
  const { components, blocks, shared } = JSON.parse(text) as PlannedDocument
  const manifests = new Map<PlannedEntry, CheckedManifest>()
  const manifestOf = (entry: PlannedEntry): CheckedManifest => {
    const known = manifests.get(entry)
    if (known) return known
    const { arguments: own, exports = {}, ...level } = entry
    const manifest = { ...level, arguments: { ...own, $defs: shared }, exports: { ...exports, $defs: shared } }
    manifests.set(entry, manifest)
    return manifest
  }
  const from = (entries: Readonly<Record<string, PlannedEntry>>) => (name: string) =>
    Object.hasOwn(entries, name) ? manifestOf(entries[name]!) : undefined
  return { names: new Set(Object.keys(components)), manifest: from(components), block: from(blocks) }
}
