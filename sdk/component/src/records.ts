import type { RecordsBatch, RecordsType } from '@ingot/telemetry'
import { z } from 'zod'
import type { Text } from './env.ts'

/** A stream of a module's own, whose rows fit a schema. */
export interface RecordsPort<Row> {
  /** For `receiver` and `receivers`: ports connect when name and schema are the same. */
  readonly type: RecordsType
  /** A batch of rows. @throws ZodError when one does not fit the schema */
  batch(rows: readonly Row[], text: Text): RecordsBatch
  /** The rows of a batch that has arrived. @throws ZodError when one does not fit the schema */
  rows(batch: RecordsBatch, text: Text): Row[]
}

/**
 * Declares a stream of a module's own. Whoever declares the same name with the same schema, in any module, may be
 * connected with it; any other connection is a mistake of the configuration.
 *
 * @example
 * ```ts
 * const orders = records('orders', z.strictObject({ id: z.int(), total: z.number() }))
 * // arguments: z.strictObject({ forward_to: receivers(orders.type).describe('Where orders go.') })
 * await args.forward_to.emit(orders.batch([{ id: 1, total: 9.5 }], env.text))
 * ```
 */
export function records<S extends z.ZodType>(name: string, schema: S): RecordsPort<z.output<S>> {
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name))
    throw new Error(`Cannot name a stream "${name}": want lower case, digits and "_"`)
  const type: RecordsType = `records<${name}:${digest(canonical(z.toJSONSchema(schema)))}>`
  const rows = z.array(schema)
  return Object.freeze({
    type,
    batch: (given: readonly z.output<S>[], text: Text) => {
      const lines = rows.parse(given).map((row) => `${JSON.stringify(row)}\n`)
      return { type, count: lines.length, bytes: text.encode(lines.join('')) }
    },
    rows: (batch: RecordsBatch, text: Text) => {
      const lines = text.decode(batch.bytes).split('\n').slice(0, -1)
      return rows.parse(lines.map((line) => JSON.parse(line) as unknown))
    },
  })
}

/** The same text for the same schema, in whatever order it was written. What only describes does not count. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.entries(value).filter(([name, field]) => !describing.has(name) || typeof field === 'object')
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`
}

const describing: ReadonlySet<string> = new Set(['$schema', 'description', 'title'])

/** FNV-1a with 64 bits: it tells schemas apart, and proves nothing. Rows are checked where they arrive. */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (let i = 0; i < text.length; i++)
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}
