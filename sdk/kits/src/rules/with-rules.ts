import type { z } from 'zod'
import { brokenBy, type BodyValues } from './broken-rules.ts'
import type { Rule } from './rule.ts'

/**
 * A body whose arguments must also fit together. The component refuses what breaks a rule; its manifest carries the rules,
 * so that a configuration is checked before anything of it runs.
 *
 * @example
 * ```ts
 * withRules(z.strictObject({ a: z.string().optional(), b: z.string().optional() }), {
 *   rule: 'at_most_one',
 *   of: ['a', 'b'],
 * })
 * ```
 */
export function withRules<S extends z.ZodType>(schema: S, ...rules: readonly Rule[]): S {
  const checked = schema.superRefine((value, ctx) => checkRules(rules, value as BodyValues, ctx))
  const { rules: others = [] } = (schema.meta() ?? {}) as { readonly rules?: readonly Rule[] }
  return checked.meta({ ...schema.meta(), rules: [...others, ...rules] })
}

/** Refuses what breaks a rule. */
function checkRules(rules: readonly Rule[], values: BodyValues, ctx: z.RefinementCtx): void {
  for (const rule of rules) {
    for (const { kind, argument, reason } of brokenBy(rule, values)) {
      if (kind === 'doubtful') continue
      ctx.addIssue({ code: 'custom', path: kind === 'invalid' ? [argument] : [], message: reason })
    }
  }
}
