import type { BlockStatement, Diagnostic, SourceFile } from '@ingot/syntax'

/**
 * Leaves out what the checker finds in blocks that could not be read as they are written: an argument is not missing
 * because its line has a mistake. Those blocks are checked once they can be read.
 */
export function withoutConsequences(
  found: readonly Diagnostic[],
  files: readonly SourceFile[],
  syntaxMistakes: readonly Diagnostic[],
): readonly Diagnostic[] {
  const unread = new Map(files.map((file) => [file.name, unreadBlocks(file, syntaxMistakes)]))
  return found.filter(({ file, span }) => {
    const blocks = unread.get(file) ?? []
    return span === undefined || !blocks.some((block) => block.start <= span.start && span.end <= block.end)
  })
}

function unreadBlocks({ name, body }: SourceFile, mistakes: readonly Diagnostic[]): readonly BlockStatement['span'][] {
  const places = mistakes.flatMap(({ file, span, severity }) =>
    file === name && span && severity === 'error' ? [span] : [],
  )
  if (places.length === 0) return []
  return body.statements
    .map(({ span }) => span)
    .filter(({ start, end }) => places.some((place) => start <= place.start && place.start <= end))
}
