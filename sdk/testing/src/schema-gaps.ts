/** What packing sees of a zod schema. */
export interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly const?: unknown
  readonly ingot?: { readonly kind?: string }
  readonly additionalProperties?: Schema | boolean
}

/** Fields without a description. */
export function undescribed(schema: Schema, path: string, into: string[]): void {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.${name}`
    // The fields of enum blocks are ours, not the user's.
    const ours = child.const !== undefined || (name === 'value' && schema.properties?.['name']?.const !== undefined)
    const described = [child, ...alternatives(child)].some((one) => (one.description ?? '').trim() !== '')
    if (!ours && !described) into.push(`${at} has no description`)
    undescribed(child, at, into)
  }
  for (const child of alternatives(schema)) undescribed(child, path, into)
  if (schema.items) undescribed(schema.items, path, into)
}

/** Objects that take fields nobody has declared. */
export function looseObjects(schema: Schema, path: string, into: string[]): void {
  if (schema.properties && schema.additionalProperties !== false)
    into.push(`${path}: unknown arguments are accepted, want z.strictObject`)
  for (const [name, child] of Object.entries(schema.properties ?? {})) looseObjects(child, `${path}.${name}`, into)
  for (const child of alternatives(schema)) looseObjects(child, path, into)
  if (schema.items) looseObjects(schema.items, path, into)
}

export function alternatives(schema: Schema): readonly Schema[] {
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
}
