import type { JsonSchema } from '@ingot/manifest'
import type { Decoding, ValuePlace } from './decoding.ts'
import { isSameAs } from './is-default.ts'
import { notYet } from './planned-body.ts'

/** What Alloy has, and Ingot only with some values. */
interface Availability {
  readonly except: readonly unknown[]
}

/** The values that a schema has in Ingot already, where it does not have all of them. */
export function availability(schema: JsonSchema): Availability | undefined {
  const mark = schema['not_yet'] as Partial<Availability> | undefined
  return mark && { except: Array.isArray(mark.except) ? mark.except : [] }
}

/** Tells of a value that Ingot does not have yet. */
export function checkAvailable(decoding: Decoding, schema: JsonSchema, decoded: unknown, at: ValuePlace): void {
  const available = availability(decoding.reader.shape(schema).raw)
  if (!available || available.except.some((value) => isSameAs(decoding, schema, value, decoded, at))) return
  if (at.provisional) {
    decoding.waiting = true
    return
  }
  const values = available.except.map((value) => JSON.stringify(value))
  const want = values.length === 0 ? '' : `, want ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`
  const message = `Cannot set "${at.name}" on ${at.owner}: ${notYet}${want}`
  decoding.report('not-yet-available', at.expression.span, message)
}
