import { type AttributeStatement, type BlockStatement, references } from '@ingot/syntax'
import type { FileSet, Place } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import { findAt } from '../source/find-at.ts'
import { contains, nameOf, partAt } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import { type FoundSymbol, labelText } from './symbol.ts'
import { symbolOfArgument, symbolOfBlockName, symbolOfItem, symbolOfLabel, symbolOfReference } from './symbol-of.ts'

/** What stands at an offset of a file. */
export function symbolAt(names: Names, set: FileSet, source: Source, offset: number): FoundSymbol | undefined {
  const part = partAt(source.root, offset)
  const place: Place = { set, part }
  const { blocks, inBody, attribute } = findAt(source.parsed.file.body, offset)
  const own = part.block ? blocks.slice(blocks.indexOf(part.block) + 1) : blocks
  if (attribute) return inAttribute(names, place, own, attribute, offset)
  const block = own.at(-1)
  return block && !inBody ? inHead(names, place, own, block, offset) : undefined
}

function inHead(
  names: Names,
  place: Place,
  blocks: readonly BlockStatement[],
  block: BlockStatement,
  offset: number,
): FoundSymbol | undefined {
  if (block.label && contains(block.label.span, offset)) {
    const symbol = blocks.length === 1 ? symbolOfLabel(place, block) : undefined
    return symbol && { symbol, span: labelText(block) }
  }
  const index = block.name.findLastIndex(({ span }) => contains(span, offset))
  if (index === -1) return undefined
  const symbol =
    blocks.length === 1
      ? symbolOfBlockName(names, place, block, index)
      : symbolOfArgument(names, place, blocks.slice(0, -1).map(nameOf), nameOf(block))
  return symbol && { symbol, span: block.name[index]!.span }
}

function inAttribute(
  names: Names,
  place: Place,
  blocks: readonly BlockStatement[],
  attribute: AttributeStatement,
  offset: number,
): FoundSymbol | undefined {
  if (contains(attribute.name.span, offset)) {
    const symbol = symbolOfArgument(names, place, blocks.map(nameOf), attribute.name.text)
    return symbol && { symbol, span: attribute.name.span }
  }
  const template = place.part.inner.find(({ block, variable }) => {
    return (
      blocks.at(-1)?.body.statements.includes(block!) === true &&
      variable !== undefined &&
      contains(variable.span, offset)
    )
  })
  const item = template && symbolOfItem({ set: place.set, part: template })
  if (item) return { symbol: item, span: item.given }
  const reference = references(attribute.value).find(({ span }) => contains(span, offset))
  if (!reference) return undefined
  const index = reference.spans.findIndex((span) => contains(span, offset))
  if (index === -1) return undefined
  const symbol = symbolOfReference(names, place, reference, index)
  return symbol && { symbol, span: reference.spans[index]! }
}
