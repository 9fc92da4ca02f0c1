import { z } from 'zod'

/** An argument that Alloy has and Ingot accepts only at its default: anything else fails and says so. */
export function fixed<S extends z.ZodType>(schema: S, value: z.input<S>) {
  const wanted = JSON.stringify(schema.parse(value))
  return schema
    .refine((parsed) => JSON.stringify(parsed) === wanted, {
      error: `is not supported by Ingot: want its default, ${JSON.stringify(value)}`,
    })
    .prefault(value as never)
}

/** An argument or block that Alloy has and Ingot does not: setting it fails and says so. */
export function unsupported<S extends z.ZodType>(schema: S) {
  return schema.refine(() => false, { error: 'is not supported by Ingot: want it left out' }).optional()
}
