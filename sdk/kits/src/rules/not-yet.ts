import { z } from 'zod'

/**
 * An argument or block that Alloy has and Ingot takes only with some values, given as a configuration writes them. The
 * manifest says so: another value is told where it is written, before anything runs.
 */
export function notYet<S extends z.ZodType>(schema: S, options: { readonly except: readonly z.input<S>[] }): S {
  const { except } = options
  const accepted = except.map((value) => JSON.stringify(schema.parse(value)))
  const want = except.length === 0 ? 'it left out' : except.map((value) => JSON.stringify(value)).join(' or ')
  return schema
    .refine((parsed) => accepted.includes(JSON.stringify(parsed)), { error: `is not supported by Ingot: want ${want}` })
    .meta({ ...schema.meta(), not_yet: { except: [...except] } })
}

/** An argument that is accepted only at its default. */
export function fixed<S extends z.ZodType>(schema: S, value: z.input<S>) {
  return notYet(schema, { except: [value] }).prefault(value as never)
}

/** An argument or block that must be left out. */
export function unsupported<S extends z.ZodType>(schema: S) {
  return notYet(schema, { except: [] }).optional()
}
