import { z } from 'zod'

/** Name of the ecosystem in OSV records. */
export const osvEcosystem = 'Ingot'

const rangeEvent = z.looseObject({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
})

/** What of an OSV record (https://ossf.github.io/osv-schema/) says which versions it is about. */
export const osvRecord = z.looseObject({
  id: z.string().min(1).max(200),
  modified: z.string(),
  published: z.string().optional(),
  /** From then on it is about nothing. */
  withdrawn: z.string().optional(),
  summary: z.string().optional(),
  details: z.string().optional(),
  affected: z.array(
    z.looseObject({
      package: z.looseObject({ ecosystem: z.string(), name: z.string() }),
      ranges: z.array(z.looseObject({ type: z.string(), events: z.array(rangeEvent) })).optional(),
      versions: z.array(z.string()).optional(),
    }),
  ),
})
export type OsvRecord = z.infer<typeof osvRecord>

/** An advisory about one module. */
export interface ModuleAdvisory {
  readonly id: string
  readonly module: string
  readonly summary: string
  /** Range of the versions that it is about. */
  readonly affected: string
  readonly fixed: readonly string[]
}

/** What a record says about modules: one entry for each that it names; none when it was withdrawn. */
export function moduleAdvisories({ id, withdrawn, summary, details, affected }: OsvRecord): ModuleAdvisory[] {
  if (withdrawn !== undefined) return []
  return affected.flatMap(({ package: { ecosystem, name }, ranges = [], versions = [] }) => {
    if (ecosystem !== osvEcosystem) return []
    const events = ranges.filter(({ type }) => type === 'SEMVER').map(({ events: listed }) => listed)
    const parts = [...events.flatMap(rangesOf), ...versions.map((version) => `=${version}`)]
    if (parts.length === 0) return []
    const fixed = events.flat().flatMap((event) => event.fixed ?? [])
    const text = summary ?? details?.split('\n')[0] ?? ''
    return [{ id, module: name, summary: text, affected: parts.join(' || '), fixed: [...new Set(fixed)] }]
  })
}

/** Each `introduced` opens a range, which the next `fixed` or `last_affected` ends. */
function rangesOf(events: readonly z.infer<typeof rangeEvent>[]): string[] {
  const ranges: string[] = []
  let open: string | undefined
  for (const { introduced, fixed, last_affected: last } of events) {
    if (introduced !== undefined) open = `>=${introduced === '0' ? '0.0.0-0' : introduced}`
    else if (open !== undefined && (fixed !== undefined || last !== undefined)) {
      ranges.push(`${open} ${fixed === undefined ? `<=${last}` : `<${fixed}`}`)
      open = undefined
    }
  }
  return open === undefined ? ranges : [...ranges, open]
}
