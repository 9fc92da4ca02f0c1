import type { AttributeStatement, BlockStatement, Body } from '@ingot/syntax'
import { contains, strictlyInside } from './scope-part.ts'

/** What stands at an offset, from the outermost block to the smallest thing. */
export interface Found {
  /** Blocks whose body, head or braces the offset is in, outermost first. */
  readonly blocks: readonly BlockStatement[]
  /** Whether the offset is between the braces of the last of them. */
  readonly inBody: boolean
  readonly attribute: AttributeStatement | undefined
}

export function findAt(body: Body, offset: number): Found {
  const blocks: BlockStatement[] = []
  let at = body
  for (;;) {
    const statement = at.statements.find(({ span }) => contains(span, offset))
    if (!statement) return { blocks, inBody: blocks.length > 0, attribute: undefined }
    if (statement.kind === 'attribute') return { blocks, inBody: true, attribute: statement }
    blocks.push(statement)
    if (!strictlyInside(statement.body.span, offset)) return { blocks, inBody: false, attribute: undefined }
    at = statement.body
  }
}
