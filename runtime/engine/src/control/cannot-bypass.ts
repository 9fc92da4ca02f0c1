import type { Validated } from '@ingot/check'
import type { ComponentManifest } from '@ingot/manifest'
import { diagnose, type Diagnostic } from '@ingot/syntax'
import type { ImportLoader } from './load-imports.ts'

/** The tag of components that a pipeline must never bypass. */
const redacting = 'redact'

/** Components of imports with `on_quarantine = "bypass"` that batches cannot or must not go around. */
export function cannotBypass({ graph }: Validated, imports: ImportLoader): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  for (const node of graph.nodes.values()) {
    const imported = node.kind === 'component' ? imports.components.get(node.component) : undefined
    if (imported?.from.onQuarantine !== 'bypass') continue
    const reason = obstacleOf(imported.loaded.component)
    if (reason === undefined) continue
    const message = `Cannot use ${node.name} with on_quarantine = "bypass": ${reason}`
    const advice = 'use "block" or "drop" in its import.module'
    found.push(diagnose('invalid-value', { file: node.file, span: node.block.head }, message, { advice }))
  }
  return found
}

function obstacleOf({ tags, exports, arguments: args }: ComponentManifest): string | undefined {
  if (tags.includes(redacting)) return `it is tagged "${redacting}", and what it should take out would get through`
  const taken = portTypes(exports, 'receiver').flat()
  if (taken.length === 0) return undefined
  const [output, ...others] = portTypes(args, 'receivers')
  if (output === undefined || others.length > 0)
    return `it has ${others.length + (output ? 1 : 0)} outputs, and only where there is one is it known where batches go`
  const lost = taken.find((type) => !output.includes(type))
  return lost === undefined ? undefined : `it takes ${lost}, and its output sends ${output.join(', ')}`
}

/** The port types of every value of a kind in a schema. */
function portTypes(part: unknown, kind: 'receiver' | 'receivers'): readonly (readonly string[])[] {
  if (typeof part !== 'object' || part === null) return []
  const { ingot, ...rest } = part as { readonly ingot?: { readonly kind?: string; readonly types?: readonly string[] } }
  if (ingot?.kind === kind) return [ingot.types ?? []]
  return Object.values(rest).flatMap((each) => portTypes(each, kind))
}
