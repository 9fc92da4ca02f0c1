import type { EvaluatedAttribute } from '@ingot/graph'
import type { JsonSchema } from '@ingot/manifest'
import type { Span } from '@ingot/syntax'
import { isStableEnough } from '../stability.ts'
import type { Decoding, ValuePlace } from './decoding.ts'
import { isDefault } from './is-default.ts'

/** An argument or block that needs a less stable collector, or that is kept only for old configurations. */
export function checkLevel(decoding: Decoding, schema: JsonSchema, span: Span, action: string): void {
  const { stability, deprecated } = decoding.reader.shape(schema).raw
  if (typeof stability === 'string') requireLevel(decoding, stability, span, action)
  if (deprecated === true && decoding.advice) {
    decoding.report('deprecated-argument', span, `Should not ${action}: it is deprecated`)
  }
}

/** What is legal and of no use, or not what the user may think; and values that need a less stable collector. */
export function adviseOn(
  decoding: Decoding,
  schema: JsonSchema,
  attribute: EvaluatedAttribute,
  decoded: unknown,
  at: ValuePlace,
): void {
  const { raw, mark } = decoding.reader.shape(schema)
  const levels = raw['value_stability'] as Readonly<Record<string, string>> | undefined
  for (const [value, level] of Object.entries(levels ?? {})) {
    if (![decoded].flat().includes(value)) continue
    requireLevel(decoding, level, at.expression.span, `set "${at.name}" on ${at.owner} to "${value}"`)
  }
  if (!decoding.advice) return
  if (isDefault(decoding, schema, decoded, at)) {
    const message = `"${at.name}" of ${at.owner} is set to what it is anyway`
    decoding.report('argument-at-default', attribute.nameSpan, message)
  }
  const revealed = mark?.kind === 'secret' ? undefined : decoding.advice.revealed(attribute)
  if (revealed) {
    const message = `"${at.name}" of ${at.owner} holds a secret that convert.nonsensitive() made readable: logs and pages can show it`
    decoding.report('revealed-secret', revealed, message)
  }
}

function requireLevel(decoding: Decoding, level: string, span: Span, action: string): void {
  if (isStableEnough(level, decoding.stability)) return
  const message = `Cannot ${action}: its stability is ${level}, want ${decoding.stability}`
  decoding.report('unstable-feature', span, message, { level })
}
