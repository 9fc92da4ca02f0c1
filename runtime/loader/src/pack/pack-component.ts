import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { capabilityRequest, componentName, type ComponentManifest } from '@ingot/manifest'
import { z } from 'zod'
import { bundleEntry, type BundleOptions } from './bundle-entry.ts'
import { findSource } from './find-source.ts'
import { argumentsSchema, exportsSchema } from './component-schemas.ts'
import {
  bundleBytes,
  invalid,
  type Packed,
  readDeclaration,
  readDefault,
  runFunction,
  stability,
  zodSchema,
} from './read-declaration.ts'
import type { PackedFile } from './write-archive.ts'

/** What packing reads of a definition; `run` only has to be there. */
const definitionShape = z.object({
  name: componentName,
  stability,
  summary: z.string().min(1),
  docs: z.string().optional(),
  arguments: zodSchema,
  exports: zodSchema.optional(),
  capabilities: z.record(z.string(), z.array(capabilityRequest)).optional(),
  scaling: z.enum(['replicate', 'single', 'keyed']).optional(),
  tags: z.array(z.string()).optional(),
  settles: z.enum(['with delivery', 'on acceptance', 'when durable']).optional(),
  run: runFunction,
})

export interface PackedComponent {
  readonly manifest: ComponentManifest
  /** The bundle and its source map. */
  readonly files: readonly PackedFile[]
}

/** Bundles `<folder>/component.ts` (or `.js`) and describes what its default export declares. */
export async function packComponent(folder: string, options: BundleOptions): Promise<PackedComponent> {
  const packed: Packed = { kind: 'component', folder, options }
  const file = await findSource(join(options.moduleDir, folder), 'component')
  if (file === undefined) throw invalid(packed, 'module.ts names it, and there is no component.ts in that folder')
  const bundle = await bundleEntry(file, options)
  const bytes = bundleBytes(packed, bundle)
  const definition = readDeclaration(packed, definitionShape, await readDefault(packed, bundle), 'defineComponent')
  const entry = `components/${definition.name}.mjs`
  const manifest: ComponentManifest = {
    name: definition.name,
    stability: definition.stability,
    summary: definition.summary,
    ...(definition.docs === undefined ? {} : { docs: definition.docs }),
    arguments: argumentsSchema(definition.arguments),
    exports: exportsSchema(definition.exports),
    capabilities: definition.capabilities ?? {},
    scaling: definition.scaling ?? 'single',
    tags: definition.tags ?? [],
    ...(definition.settles === undefined ? {} : { settles: definition.settles }),
    entry,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
  const files = [
    { path: entry, bytes },
    { path: `${entry}.map`, bytes: Buffer.from(JSON.stringify(bundle.map)) },
  ]
  return { manifest, files }
}
