import { uniqueDiagnostics } from '@ingot/graph'
import type { Diagnostic, Expression, Span } from '@ingot/syntax'

/** Where the text of an `import.string` comes from. */
export interface EmbeddedText {
  readonly file: string
  readonly span: Span
  /** Of its first character; `undefined` where the text does not stand in the file as it is. */
  readonly start: number | undefined
}

/** Texts in texts: as many levels as imports have. */
const LEVELS_MAX = 16

/** @param expression that has the text as its value */
export function embeddedText(file: string, expression: Expression, text: string): EmbeddedText {
  const { span } = expression
  const asItIs = expression.kind === 'literal' && expression.raw.slice(1, -1) === text
  return { file, span, start: asItIs ? span.start + 1 : undefined }
}

/**
 * Diagnostics about embedded texts, at their places in the files around them.
 * @param always whether what has no such place is told of the whole value; else it stays as it is
 */
export function atLiterals(
  diagnostics: readonly Diagnostic[],
  embedded: ReadonlyMap<string, EmbeddedText>,
  always: boolean,
): readonly Diagnostic[] {
  if (embedded.size === 0) return diagnostics
  return uniqueDiagnostics(
    diagnostics.map((diagnostic) => {
      const { span, related } = diagnostic
      const place = outermost(diagnostic.file, span, embedded, always)
      const moved = related?.map((each) => ({ ...each, ...outermost(each.file, each.span, embedded, always) }))
      return { ...diagnostic, ...place, ...(moved && { related: moved }) } as Diagnostic
    }),
  )
}

function outermost(
  file: string,
  span: Span | undefined,
  embedded: ReadonlyMap<string, EmbeddedText>,
  always: boolean,
): { readonly file: string; readonly span?: Span } {
  let place = { file, ...(span && { span }) }
  for (let level = 0; level < LEVELS_MAX; level++) {
    const around = embedded.get(place.file)
    if (!around) return place
    const { start } = around
    if (start !== undefined && place.span) {
      place = { file: around.file, span: { start: start + place.span.start, end: start + place.span.end } }
    } else if (always) place = { file: around.file, span: around.span }
    else return place
  }
  return place
}
