import type { ForeachItems } from '../expand/expand.ts'
import type { ForeachNode } from '../node.ts'

/** Whether a foreach has been expanded with just these items. Their order adds nothing to a graph. */
export function itemsHold({ id, items, variable }: ForeachNode, wanted: ForeachItems): boolean {
  if (wanted.keys.length !== items.length) return false
  if (items.length > 0 && wanted.variable !== variable) return false
  const known = new Set(items)
  return wanted.keys.every((key) => known.has(`${id}/${key}`))
}
