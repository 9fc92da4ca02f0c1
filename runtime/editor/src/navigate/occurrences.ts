import type { BlockStatement, Span } from '@ingot/syntax'
import type { FileSet, Place } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import { nameOf, type ScopePart } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import { isLabelSymbol, type LabelSymbol, type NameSymbol } from './symbol.ts'
import { symbolOfArgument, symbolOfBlockName, symbolOfReference } from './symbol-of.ts'

export interface Occurrence {
  readonly source: Source
  readonly span: Span
  readonly definition: boolean
}

/** Every place of some configurations, and of the files that they import, that names a thing by its label. */
export function* occurrences(names: Names, roots: readonly FileSet[], wanted: LabelSymbol): Generator<Occurrence> {
  const isWanted = (symbol: NameSymbol | undefined) =>
    symbol !== undefined && isLabelSymbol(symbol) && symbol.block === wanted.block
  yield { source: wanted.place.part.source, span: wanted.given, definition: true }
  for (const place of allPlaces(roots)) {
    const { source } = place.part
    for (const reference of place.part.references()) {
      const index = reference.names.indexOf(wanted.name)
      for (let at = index; at !== -1; at = reference.names.indexOf(wanted.name, at + 1)) {
        if (!isWanted(symbolOfReference(names, place, reference, at))) continue
        yield { source, span: reference.spans[at]!, definition: false }
      }
    }
    for (const block of place.part.blocks) {
      for (const [index, { text, span }] of block.name.entries()) {
        if (text !== wanted.name || !isWanted(symbolOfBlockName(names, place, block, index))) continue
        yield { source, span, definition: false }
      }
      if (wanted.kind === 'argument') yield* givenTo(names, place, block, wanted, isWanted)
    }
  }
}

function* givenTo(
  names: Names,
  place: Place,
  block: BlockStatement,
  { name }: LabelSymbol,
  isWanted: (symbol: NameSymbol | undefined) => boolean,
): Generator<Occurrence> {
  for (const statement of block.body.statements) {
    if (statement.kind !== 'attribute' || statement.name.text !== name) continue
    if (!isWanted(symbolOfArgument(names, place, [nameOf(block)], name))) continue
    yield { source: place.part.source, span: statement.name.span, definition: false }
  }
}

/** Every scope of some configurations and of what they import, each once. */
export function* allPlaces(roots: readonly FileSet[]): Generator<Place> {
  const seen = new Set<ScopePart>()
  const sets = [...roots]
  for (let set = sets.pop(); set; set = sets.pop()) {
    const parts = set.sources.map((source) => source.root)
    for (let part = parts.pop(); part; part = parts.pop()) {
      if (seen.has(part)) continue
      seen.add(part)
      yield { set, part }
      parts.push(...part.inner)
      for (const block of part.imports.values()) {
        const namespace = set.namespace(part, block)
        if (namespace) sets.push(namespace.files)
      }
    }
  }
}
