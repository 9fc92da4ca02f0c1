import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { capabilityRequest, componentName, type ComponentManifest } from '@ingot/manifest'
import { z } from 'zod'
import { LoaderError } from '../loader-error.ts'
import { bundleEntry, type Bundle, type BundleOptions } from './bundle-entry.ts'
import { findSource } from './find-source.ts'
import { argumentsSchema, exportsSchema } from './component-schemas.ts'
import { evaluateBundle } from './evaluate-bundle.ts'
import { throwPlace } from './throw-place.ts'
import type { PackedFile } from './write-archive.ts'

/** A runner takes no larger module (sandbox.md §6.2). */
const bundleBytesMax = 2 ** 20

const zodSchema = z.custom<z.ZodType>(
  (value) => typeof value === 'object' && value !== null && '_zod' in value,
  'want a zod schema',
)

/** What packing reads of a definition; `run` only has to be there. */
const definitionShape = z.object({
  name: componentName,
  stability: z.enum(['experimental', 'public-preview', 'generally-available']),
  summary: z.string().min(1),
  docs: z.string().optional(),
  arguments: zodSchema,
  exports: zodSchema.optional(),
  capabilities: z.record(z.string(), z.array(capabilityRequest)).optional(),
  scaling: z.enum(['replicate', 'single', 'keyed']).optional(),
  tags: z.array(z.string()).optional(),
  settles: z.enum(['with delivery', 'on acceptance', 'when durable']).optional(),
  run: z.custom((value) => typeof value === 'function', 'want a function'),
})

export interface PackedComponent {
  readonly manifest: ComponentManifest
  /** The bundle and its source map. */
  readonly files: readonly PackedFile[]
}

/** Bundles `<folder>/component.ts` (or `.js`) and describes what its default export declares. */
export async function packComponent(folder: string, options: BundleOptions): Promise<PackedComponent> {
  const file = await findSource(join(options.moduleDir, folder), 'component')
  if (file === undefined)
    throw invalid(options, folder, 'module.ts names it, and there is no component.ts in that folder')
  const { code, map } = await bundleEntry(file, options)
  const bytes = Buffer.from(code)
  if (bytes.length > bundleBytesMax) {
    throw invalid(options, folder, `found a bundle of ${bytes.length} bytes, want at most ${bundleBytesMax}`)
  }
  const definition = await readDefinition(options, folder, { code, map })
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
    { path: `${entry}.map`, bytes: Buffer.from(JSON.stringify(map)) },
  ]
  return { manifest, files }
}

async function readDefinition(
  options: BundleOptions,
  folder: string,
  { code, map }: Bundle,
): Promise<z.output<typeof definitionShape>> {
  let value: unknown
  try {
    value = await evaluateBundle(code)
  } catch (error) {
    const place = throwPlace(error, map)
    const at = place === undefined ? '' : ` (${place})`
    throw invalid(options, folder, `its module throws when it is loaded: ${(error as Error).message}${at}`, error)
  }
  if (value === undefined) throw invalid(options, folder, 'found no default export, want defineComponent({ … })')
  const parsed = definitionShape.safeParse(value)
  if (!parsed.success) throw invalid(options, folder, z.prettifyError(parsed.error), parsed.error)
  return parsed.data
}

function invalid(options: BundleOptions, folder: string, found: string, cause?: unknown): LoaderError {
  const shown = join(basename(options.moduleDir), folder)
  return new LoaderError(
    { code: 'component-invalid', message: `Cannot pack component "${shown}": ${found}` },
    { cause },
  )
}
