import { z } from 'zod'
import { componentName, moduleKeywords, moduleName, moduleVersion } from './names.ts'

/** JSON Schema (draft 2020-12) with Ingot's mark under `ingot` (see `KindMark` in @ingot/sdk). Kept as it is. */
export const jsonSchema = z.record(z.string(), z.unknown())

export const capabilityRequest = z.strictObject({
  why: z.string().min(1),
  from: z.string().optional(),
  values: z.array(z.string()).optional(),
})

export const componentManifest = z.strictObject({
  name: componentName,
  stability: z.enum(['experimental', 'public-preview', 'generally-available']),
  summary: z.string(),
  docs: z.string().optional(),
  arguments: jsonSchema,
  exports: jsonSchema,
  capabilities: z.record(z.string(), z.array(capabilityRequest)),
  scaling: z.enum(['replicate', 'single', 'keyed']),
  tags: z.array(z.string()),
  settles: z.enum(['with delivery', 'on acceptance', 'when durable']).optional(),
  /** Path in the module of the bundled ES module, whose default export is the definition. */
  entry: z.string(),
  /** Hex of the bundle's bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

export const moduleManifest = z.strictObject({
  manifestVersion: z.literal(1),
  name: moduleName,
  version: moduleVersion,
  /** Version of the SDK's contract with the runtime. */
  api: z.literal(1),
  description: z.string(),
  license: z.string(),
  /** Words that people look for it by. */
  keywords: moduleKeywords.optional(),
  /** Where the source is developed. Only `https`: pages link to it. */
  source: z.url({ protocol: /^https$/ }).optional(),
  kind: z.enum(['portable', 'native']),
  components: z.array(componentManifest),
  /** Config components: `*.alloy` files with `declare` blocks. */
  configs: z.array(z.string()),
  dependencies: z.record(z.string(), z.string()),
})

export type JsonSchema = z.infer<typeof jsonSchema>
export type CapabilityRequest = z.infer<typeof capabilityRequest>
export type ComponentManifest = z.infer<typeof componentManifest>
export type ModuleManifest = z.infer<typeof moduleManifest>
