import { limitTable, printLimit, type LimitName, type LimitRow, type Limits } from '@ingot/sandbox'
import { duration, size } from '@ingot/sdk'
import { z } from 'zod'

const rows = Object.entries(limitTable) as [LimitName, LimitRow][]

/** The arguments of the `limits` block of an import: every limit that a runner has. */
export const limitsSchema = z.strictObject(Object.fromEntries(rows.map(([, row]) => [row.argument, argumentOf(row)])))

export type ImportLimits = z.output<typeof limitsSchema>

/** The `limits` block of an import as limits of its components' runners. */
export function importLimits(block: ImportLimits | undefined): Partial<Limits> {
  if (!block) return {}
  const given = rows.flatMap(([name, row]) => {
    const value = block[row.argument] as number | undefined
    return value === undefined ? [] : [[name, fromArgument(row, value)]]
  })
  return Object.fromEntries(given) as Partial<Limits>
}

function argumentOf(row: LimitRow): z.ZodType {
  const { unit, min, max, describe } = row
  const about = `${describe} At most ${printLimit(unit, max)}${min === undefined ? '' : `, at least ${printLimit(unit, min)}`}.`
  const within = (value: unknown, context: z.RefinementCtx): void => {
    const mistake = mistakeOf(row, fromArgument(row, value as number))
    if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake })
  }
  const written = row.default === undefined ? undefined : printLimit(unit, row.default)
  if (unit === 'MiB' || unit === 'bytes') {
    const schema = size().superRefine(within).describe(about)
    return written === undefined ? schema.optional() : schema.prefault(written)
  }
  if (unit === 'ms') return duration().superRefine(within).describe(about).prefault(written!)
  const number = unit === 'count' ? z.int().min(1) : z.number().gt(0)
  return number.max(max).describe(about).default(row.default!)
}

function mistakeOf({ unit, min = 0, max }: LimitRow, value: number): string | undefined {
  const wanted = min === 0 ? 'more than 0' : `at least ${printLimit(unit, min)}`
  if (!(value > 0 && value >= min)) return `found ${printLimit(unit, value)}, want ${wanted}`
  return value > max ? `found ${printLimit(unit, value)}, want at most ${printLimit(unit, max)}` : undefined
}

/** A size as it is written is in bytes. */
function fromArgument({ unit }: LimitRow, value: number): number {
  return unit === 'MiB' ? value / 2 ** 20 : value
}
