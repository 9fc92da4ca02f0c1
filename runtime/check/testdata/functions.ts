import type { LoadedImport } from '@ingot/graph'
import type { FunctionManifest } from '@ingot/manifest'
import { duration, secret, targets } from '@ingot/sdk'
import { z } from 'zod'
import { type FunctionOutcome, moduleFunction } from '../src/functions/module-function.ts'

interface Declared {
  readonly parameters: Readonly<Record<string, z.ZodType>>
  readonly result: z.ZodType
  /** How many of the last parameters may be left out. */
  readonly optional?: number
  readonly variadic?: boolean
  readonly stability?: FunctionManifest['stability']
}

const declared: Readonly<Record<string, Declared>> = {
  endpoint: { parameters: { region: z.enum(['eu', 'us']), shard: z.int().min(1) }, optional: 1, result: z.string() },
  join: { parameters: { first: z.string(), more: z.string() }, optional: 1, variadic: true, result: z.string() },
  relabel_all: {
    parameters: { targets: targets(), labels: z.record(z.string(), z.string()) },
    optional: 1,
    result: targets(),
  },
  wait: { parameters: { factor: z.number(), base: duration() }, result: duration() },
  sign: { parameters: { key: secret() }, result: secret() },
  draft: { parameters: {}, result: z.string(), stability: 'experimental' },
}

export interface MaskOptions {
  readonly trusted?: boolean
  /** What the code says; `undefined`: that is not known. */
  readonly ask?: (name: string, args: readonly unknown[]) => FunctionOutcome | undefined
}

/** What `import.module "mask"` brings: functions of every shape, from the same schemas that modules are written with. */
export function maskImport({ trusted = false, ask }: MaskOptions = {}): LoadedImport {
  const functions = Object.entries(declared).map(([name, { optional = 0, variadic = false, ...one }]) => {
    const entries = Object.entries(one.parameters)
    const parameters = entries.map(([parameter, schema], at) => {
      return { name: parameter, schema: jsonSchema(schema), optional: at >= entries.length - optional }
    })
    const manifest: FunctionManifest = {
      name,
      stability: one.stability ?? 'generally-available',
      summary: '',
      parameters,
      variadic,
      result: jsonSchema(one.result),
      examples: [],
      entry: '',
      sha256: '',
    }
    const made = moduleFunction({
      name: `mask.${name}`,
      manifest,
      trusted,
      stability: 'generally-available',
      ...(ask && { ask: (args) => ask(name, args) }),
    })
    return [name, made] as const
  })
  return {
    kind: 'module',
    components: new Map(),
    functions: Object.assign(Object.create(null), Object.fromEntries(functions)) as Record<string, (typeof functions)[0][1]>,
    files: [],
    modulePath: '/cache/mask',
  }
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))) as Record<string, unknown>
}
