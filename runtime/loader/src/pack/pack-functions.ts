import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { functionName, type FunctionManifest, type JsonSchema } from '@ingot/manifest'
import { z } from 'zod'
import { gatherProblems } from '../loader-error.ts'
import { bundleEntry, type BundleOptions } from './bundle-entry.ts'
import { argumentsSchema } from './component-schemas.ts'
import { findSource } from './find-source.ts'
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

/** One bundle for all: functions are small, and a module's share one room. */
const entry = 'functions/functions.mjs'

/** What packing reads of a definition; `run` only has to be there. */
const definitionShape = z.object({
  name: functionName,
  stability,
  summary: z.string().min(1),
  docs: z.string().optional(),
  parameters: z.record(functionName, zodSchema),
  result: zodSchema,
  examples: z.array(z.object({ args: z.array(z.json()), result: z.json() })).min(1, 'want at least one example'),
  run: runFunction,
})
type Definition = z.output<typeof definitionShape>

export interface PackedFunctions {
  readonly manifests: readonly FunctionManifest[]
  /** The bundle and its source map; none without functions. */
  readonly files: readonly PackedFile[]
}

/** Bundles each `<folder>/function.ts` (or `.js`) into one module whose default export lists them, and describes what they declare. */
export async function packFunctions(folders: readonly string[], options: BundleOptions): Promise<PackedFunctions> {
  if (folders.length === 0) return { manifests: [], files: [] }
  const packed = (folder: string): Packed => ({ kind: 'function', folder, options })
  const sources = await gatherProblems(folders, async (folder) => {
    const file = await findSource(join(options.moduleDir, folder), 'function')
    if (file !== undefined) return file
    throw invalid(packed(folder), 'module.ts names it, and there is no function.ts in that folder')
  })
  const all: Packed = { kind: 'functions', folder: '', options }
  const bundle = await bundleEntry(join(options.moduleDir, listFile), options, listOf(sources))
  const bytes = bundleBytes(all, bundle)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const list = (await readDefault(all, bundle)) as readonly unknown[]
  const manifests = await gatherProblems(folders, async (folder) => {
    const found = list[folders.indexOf(folder)]
    const definition = readDeclaration(packed(folder), definitionShape, found, 'defineFunction')
    return { ...describe(packed(folder), definition), entry, sha256 }
  })
  const files = [
    { path: entry, bytes },
    { path: `${entry}.map`, bytes: Buffer.from(JSON.stringify(bundle.map)) },
  ]
  return { manifests, files }
}

/** Where nothing is the author's own, so that no source map leads there. */
const listFile = 'node_modules/.ingot/functions.mjs'

function listOf(sources: readonly string[]): string {
  const imports = sources.map((file, at) => `import * as f${at} from ${JSON.stringify(file)}`)
  return `${imports.join('\n')}\nexport default [${sources.map((_, at) => `f${at}.default`).join(', ')}]\n`
}

function describe(packed: Packed, definition: Definition): Omit<FunctionManifest, 'entry' | 'sha256'> {
  const { name, docs, summary, examples } = definition
  const parameters = Object.entries(definition.parameters).map(([each, declared]) => {
    const schema = withoutDialect(argumentsSchema(declared))
    const isRest = kindOf(schema) === 'rest'
    return {
      name: each,
      schema: isRest ? restItems(schema) : schema,
      isRest,
      optional: declared._zod.optin === 'optional' || 'default' in schema,
    }
  })
  const result = withoutDialect(argumentsSchema(definition.result))
  for (const [at, { name: each, schema, isRest, optional }] of parameters.entries()) {
    if (isRest && at !== parameters.length - 1)
      throw invalid(packed, `parameter "${each}" is rest(…), and not the last`)
    if (!isRest && !optional && parameters[at - 1]?.optional)
      throw invalid(packed, `parameter "${each}" must be given, and stands after one that may be left out`)
    if (mentions(schema, secretKinds) && kindOf(result) !== 'secret')
      throw invalid(packed, `parameter "${each}" takes a secret, so the result has to be secret()`)
    const foreign = mentions(schema, foreignKinds)
    if (foreign !== undefined) throw invalid(packed, `parameter "${each}" is of kind "${foreign}", want a value`)
  }
  const foreign = mentions(result, foreignKinds)
  if (foreign !== undefined) throw invalid(packed, `the result is of kind "${foreign}", want a value`)
  return {
    name,
    stability: definition.stability,
    summary,
    ...(docs === undefined ? {} : { docs }),
    parameters: parameters.map(({ name: each, schema, isRest, optional }) => {
      return { name: each, schema, optional: optional || isRest }
    }),
    variadic: parameters.at(-1)?.isRest ?? false,
    result,
    examples: [...examples],
  }
}

function withoutDialect({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return schema
}

/** The schema of one of the arguments, described as the parameter is. */
function restItems({ items, description }: JsonSchema): JsonSchema {
  return { ...(description === undefined ? {} : { description }), ...(items as JsonSchema) }
}

const secretKinds: ReadonlySet<unknown> = new Set(['secret', 'optional_secret'])
/** What is not data, or is written as a block. */
const foreignKinds: ReadonlySet<unknown> = new Set([
  'receiver',
  'receivers',
  'capsule',
  'block',
  'blocks',
  'enum_blocks',
  'rest',
])

function kindOf(schema: JsonSchema): unknown {
  return (schema['ingot'] as { readonly kind?: unknown } | undefined)?.kind
}

/** The first of some kinds that a schema has anywhere. Schemas come from zod and end: cycles are references. */
function mentions(schema: unknown, kinds: ReadonlySet<unknown>): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const kind = kindOf(schema as JsonSchema)
  if (kinds.has(kind)) return String(kind)
  for (const inner of Object.values(schema)) {
    const found = mentions(inner, kinds)
    if (found !== undefined) return found
  }
  return undefined
}
