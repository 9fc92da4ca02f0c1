import { z } from 'zod'
import type { Stability } from './define.ts'

/** By name, in the order in which a call gives them. */
export type Parameters = Readonly<Record<string, z.ZodType>>

/** A call and what it gives, in plain data: shown on the reference page, and tested. */
export interface FunctionExample {
  readonly args: readonly unknown[]
  readonly result: unknown
}

export interface FunctionDefinition<P extends Parameters = Parameters, R extends z.ZodType = z.ZodType> {
  /** One name, local to its module: the importer chooses the namespace. */
  readonly name: string
  readonly stability: Stability
  /** One sentence for lists. */
  readonly summary: string
  /** Markdown for the reference page. */
  readonly docs?: string
  /** Those that may be left out come last; {@link rest} takes all that follow. */
  readonly parameters: P
  /** What a call gives, as a configuration would write it: a duration is a text. */
  readonly result: R
  readonly examples: readonly [FunctionExample, ...FunctionExample[]]
  /** Says at once what the arguments alone decide: answers are remembered. What it throws is the user's to read. */
  run(args: ParsedArguments<P>): z.input<R>
}

export type ParsedArguments<P extends Parameters> = { readonly [K in keyof P]: z.output<P[K]> }

/**
 * Declares a function that configurations call in expressions: the one object from which types, manifest, documentation,
 * editor support and validation follow. It is pure: it has no `env`, the clock stands still at the epoch, and chance is the same
 * for the same arguments.
 *
 * @example
 * ```ts
 * export default defineFunction({
 *   name: 'endpoint',
 *   stability: 'experimental',
 *   summary: 'The address of a shard.',
 *   parameters: {
 *     region: z.string().describe('Where it is.'),
 *     shard: z.int().min(1).default(1).describe('Which one.'),
 *   },
 *   result: z.string().describe('The URL.'),
 *   examples: [{ args: ['eu', 3], result: 'https://eu-3.example' }],
 *   run: ({ region, shard }) => `https://${region}-${shard}.example`,
 * })
 * ```
 */
export function defineFunction<const P extends Parameters, R extends z.ZodType>(
  definition: FunctionDefinition<P, R>,
): FunctionDefinition<P, R> {
  return Object.freeze(definition)
}

/** The last parameter, which takes any number of arguments; the function gets an array. */
export function rest<S extends z.ZodType>(schema: S) {
  return z.array(schema).meta({ ingot: { kind: 'rest' } })
}
