import type { BlockStatement } from '@ingot/syntax'
import type { FileSet, Place } from '../names/file-set.ts'
import { attributeOf } from '../names/fields.ts'
import type { Names } from '../names/resolve.ts'
import { findAt } from '../source/find-at.ts'
import { contains, nameOf, partAt } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import { isLabelSymbol, labelText } from './symbol.ts'
import { symbolAt } from './symbol-at.ts'
import type { Occurrence } from './occurrences.ts'

/** Where the thing at an offset is written down: a block, a declare, an argument, the files of an import. */
export function definition(names: Names, set: FileSet, source: Source, offset: number): readonly Occurrence[] {
  const imported = importedFiles(set, source, offset)
  if (imported.length > 0) return imported
  const symbol = symbolAt(names, set, source, offset)?.symbol
  if (!symbol) return []
  if (isLabelSymbol(symbol)) return [{ source: symbol.place.part.source, span: symbol.given, definition: true }]
  const defined = 'defined' in symbol ? symbol.defined : undefined
  return defined ? [at(defined.place, defined.block)] : []
}

function at({ part }: Place, block: BlockStatement): Occurrence {
  return { source: part.source, span: labelText(block), definition: true }
}

/** The name of an imported file leads to it. */
function importedFiles(set: FileSet, source: Source, offset: number): readonly Occurrence[] {
  const { blocks } = findAt(source.parsed.file.body, offset)
  const block = blocks.at(-1)
  const filename = block && nameOf(block) === 'import.file' ? attributeOf(block, 'filename') : undefined
  if (!filename || !contains(filename.value.span, offset)) return []
  const files = set.namespace(partAt(source.root, block!.span.start), block!)?.files.sources ?? []
  return files.map((file) => ({ source: file, span: { start: 0, end: 0 }, definition: true }))
}
