import type { z } from 'zod'
import type { FunctionDefinition } from '../define-function.ts'
import { Secret } from '../secret.ts'
import { inStillWorld } from './still-world.ts'

/** What a function says: plain data, or why it says nothing. */
export type FunctionAnswer =
  | { readonly value: unknown }
  /** `argument`: the one to blame, counted from 0. */
  | { readonly error: string; readonly argument?: number }

/**
 * Calls a function with plain arguments, in the same way in every room. Never throws: what the function throws is its answer.
 * @param describe the message of what was thrown, which may be anything
 */
export function callFunction(
  definition: FunctionDefinition,
  args: readonly unknown[],
  describe: (error: unknown) => string = messageOf,
): FunctionAnswer {
  const parameters = Object.entries(definition.parameters)
  const parsed: Record<string, unknown> = {}
  for (const [at, [name, schema]] of parameters.entries()) {
    const given = isRest(schema) ? args.slice(at) : args[at]
    const read = schema.safeParse(given)
    if (!read.success) return refusal(name, at, read.error)
    parsed[name] = read.data
  }
  try {
    const value = inStillWorld(seedOf(args), () => definition.run(parsed as never)) as unknown
    if (typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function')
      return { error: 'it answers with a promise, want a value at once' }
    return { value: opened(value) }
  } catch (error) {
    return { error: describe(error) }
  }
}

/** Whether a parameter takes all arguments from its place on. */
export function isRest(schema: z.ZodType): boolean {
  return (schema.meta() as { readonly ingot?: { readonly kind?: unknown } } | undefined)?.ingot?.kind === 'rest'
}

function refusal(name: string, at: number, { issues }: z.ZodError): FunctionAnswer {
  const [first] = issues
  // Of several arguments in one parameter, the one at fault.
  const index = typeof first?.path[0] === 'number' ? first.path[0] : 0
  const reasons = issues.map(({ path, message }) => `${[name, ...path].join('.')}: ${message}`)
  return { error: reasons.join('; '), argument: at + index }
}

/** Who asked knows from the manifest that the result is secret. */
function opened(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value
}

/** FNV-1a over the arguments: the same call has the same chance. */
function seedOf(args: readonly unknown[]): number {
  let hash = 0x811c9dc5
  for (const unit of JSON.stringify(args) ?? '') hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193)
  return hash | 0
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'an error that cannot be read'
  }
}
