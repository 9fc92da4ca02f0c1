import { z } from 'zod'
import { componentName, functionName, moduleKeywords, moduleName, moduleVersion } from './names.ts'

/** JSON Schema (draft 2020-12) with Ingot's mark under `ingot` (see `KindMark` in @ingot/sdk). Kept as it is. */
export const jsonSchema = z.record(z.string(), z.unknown())

export const capabilityRequest = z.strictObject({
  why: z.string().min(1),
  from: z.string().optional(),
  values: z.array(z.string()).optional(),
})

const stability = z.enum(['experimental', 'public-preview', 'generally-available'])
/** Hex of a bundle's bytes. */
const bundleDigest = z.string().regex(/^[0-9a-f]{64}$/)

export const componentManifest = z.strictObject({
  name: componentName,
  stability,
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
  sha256: bundleDigest,
})

/** A call is checked against it for each argument: more of them than anyone tells apart. */
const parametersMax = 16

export const functionManifest = z.strictObject({
  name: functionName,
  stability,
  summary: z.string(),
  docs: z.string().optional(),
  /** In the order in which a call gives them: those that may be left out come last. */
  parameters: z
    .array(z.strictObject({ name: functionName, schema: jsonSchema, optional: z.boolean() }))
    .max(parametersMax),
  /** The last parameter takes all arguments from its place on. */
  variadic: z.boolean(),
  result: jsonSchema,
  examples: z.array(z.strictObject({ args: z.array(z.json()), result: z.json() })),
  /** Path of the bundle that all functions of the module are in: its default export lists their definitions. */
  entry: z.string(),
  sha256: bundleDigest,
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
  /** What configurations call in expressions. */
  functions: z
    .array(functionManifest)
    .refine((all) => all.every(({ entry, sha256 }) => entry === all[0]!.entry && sha256 === all[0]!.sha256), {
      error: 'want one bundle for all functions',
    })
    .default([]),
  /** Config components: `*.alloy` files with `declare` blocks. */
  configs: z.array(z.string()),
  dependencies: z.record(z.string(), z.string()),
})

export type JsonSchema = z.infer<typeof jsonSchema>
export type CapabilityRequest = z.infer<typeof capabilityRequest>
export type FunctionManifest = z.infer<typeof functionManifest>
export type ComponentManifest = z.infer<typeof componentManifest>
export type ModuleManifest = z.infer<typeof moduleManifest>
