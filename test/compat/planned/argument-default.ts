import type { JsonSchema } from '@ingot/manifest'
import { evaluate, parse, type Value } from '@ingot/syntax'
import type { ArgumentFacts } from './reference-facts.ts'

/**
 * The default as JSON, where there is exactly one: defaults that are derived, that differ between systems or that the
 * code applies later are none that an argument could repeat.
 */
export function argumentDefault(facts: ArgumentFacts): JsonSchema {
  const written = facts.default_code ?? facts.default
  if (written === null || facts.default_note || facts.default_by_os || facts.struct_zero) return {}
  const { file, diagnostics } = parse('default', `b {\n\tv = ${written}\n}\n`)
  const [block] = file.body.statements
  const attribute = block?.kind === 'block' ? block.body.statements[0] : undefined
  if (diagnostics.length > 0 || attribute?.kind !== 'attribute') return {}
  try {
    const value = plain(evaluate(attribute.value, { lookup: () => undefined }, file.name))
    return value === null ? {} : { default: value }
  } catch {
    // Words rather than a value: `20% of limit`.
    return {}
  }
}

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map((each: Value) => plain(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each as Value)]))
}
