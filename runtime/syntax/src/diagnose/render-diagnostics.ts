import type { Span } from '../ast.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { excerpt } from './excerpt.ts'
import { position } from './position.ts'

export interface RenderOptions {
  /** Whether to colour for a terminal. */
  readonly color: boolean
}

/**
 * Diagnostics as text for people, each with the line that it is about:
 *
 *     pipeline.alloy:2:3: error[unknown-argument]: Cannot set "filenam" on local.file: no such argument
 *       2 |   filenam = "/etc/app.conf"
 *         |   ^^^^^^^
 *       hint: did you mean "filename"?
 *
 * @param sources the texts of the files, by the names that the diagnostics carry; without its text, a diagnostic has no
 * position and no excerpt
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  const paint = options.color ? colored : plain
  return diagnostics.map((diagnostic) => renderOne(diagnostic, sources, paint)).join('')
}

type Style = 'bold' | 'error' | 'warning' | 'faint'
type Paint = (style: Style, text: string) => string

const plain: Paint = (_, text) => text
const codes: Readonly<Record<Style, number>> = { bold: 1, error: 31, warning: 33, faint: 2 }
const colored: Paint = (style, text) => `\u001B[${codes[style]}m${text}\u001B[0m`

function renderOne(diagnostic: Diagnostic, sources: ReadonlyMap<string, string>, paint: Paint): string {
  const { severity, code, file, span } = diagnostic
  const place = paint('bold', `${where(file, span, sources)}:`)
  const lines = [`${place} ${paint(severity, `${severity}[${code}]:`)} ${oneLine(diagnostic.message)}`]
  lines.push(...excerptLines(file, span, sources, (text) => paint(severity, text), paint))
  for (const other of diagnostic.related ?? []) {
    lines.push(`  ${paint('bold', `${where(other.file, other.span, sources)}:`)} ${oneLine(other.message)}`)
    lines.push(...excerptLines(other.file, other.span, sources, (text) => paint('faint', text), paint))
  }
  if (diagnostic.hint !== undefined) lines.push(`  ${paint('bold', 'hint:')} ${oneLine(diagnostic.hint)}`)
  return `${lines.join('\n')}\n`
}

function where(file: string, span: Span | undefined, sources: ReadonlyMap<string, string>): string {
  const text = sources.get(file)
  if (span === undefined || text === undefined) return file
  const { line, column } = position(text, span.start)
  return `${file}:${line}:${column}`
}

function excerptLines(
  file: string,
  span: Span | undefined,
  sources: ReadonlyMap<string, string>,
  mark: (text: string) => string,
  paint: Paint,
): string[] {
  const text = sources.get(file)
  if (span === undefined || text === undefined) return []
  const { line, source, indent, carets } = excerpt(text, span)
  const margin = ' '.repeat(String(line).length)
  return [
    `  ${paint('faint', `${line} |`)}${source === '' ? '' : ` ${source}`}`,
    `  ${paint('faint', `${margin} |`)} ${indent}${mark(carets)}`,
  ]
}

/** A name or a hint can hold anything that stands in a configuration; a message stays one line. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ')
}
