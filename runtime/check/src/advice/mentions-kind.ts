import type { JsonSchema } from '@ingot/manifest'

const known = new WeakMap<object, Map<string, boolean>>()

/** Whether a schema has a part of one of Ingot's kinds: receivers that it sends to, say. */
export function mentionsKind(schema: JsonSchema, kind: string): boolean {
  const kinds = known.get(schema) ?? new Map<string, boolean>()
  known.set(schema, kinds)
  const before = kinds.get(kind)
  if (before !== undefined) return before
  const mentioned = search(schema, kind, schema['$defs'] as Readonly<Record<string, unknown>> | undefined, new Set())
  kinds.set(kind, mentioned)
  return mentioned
}

function search(
  part: unknown,
  kind: string,
  shared: Readonly<Record<string, unknown>> | undefined,
  seen: Set<string>,
): boolean {
  if (Array.isArray(part)) return part.some((each) => search(each, kind, shared, seen))
  if (typeof part !== 'object' || part === null) return false
  const { $ref, $defs: _, ingot, ...rest } = part as Readonly<Record<string, unknown>>
  if ((ingot as { readonly kind?: string } | undefined)?.kind === kind) return true
  if (typeof $ref === 'string' && !seen.has($ref)) {
    seen.add($ref)
    if (search(shared?.[$ref.replace('#/$defs/', '')], kind, shared, seen)) return true
  }
  return Object.values(rest).some((each) => search(each, kind, shared, seen))
}
