import type { Span } from '../ast.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { concealLiterals } from './conceal-literals.ts'
import { excerpt } from './excerpt.ts'
import { position } from './position.ts'

export interface RenderOptions {
  /** Whether to colour for a terminal. */
  readonly color: boolean
  /** What excerpts show of strings and comments. Those who read a log need not be those who may read the configuration. */
  readonly literals?: 'shown' | 'hidden'
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
  const shown = options.literals === 'hidden' ? concealed(diagnostics, sources) : sources
  return diagnostics.map((diagnostic) => renderOne(diagnostic, { sources, shown, paint })).join('')
}

type Style = 'bold' | 'error' | 'warning' | 'faint'
type Paint = (style: Style, text: string) => string

const plain: Paint = (_, text) => text
const codes: Readonly<Record<Style, number>> = { bold: 1, error: 31, warning: 33, faint: 2 }
const colored: Paint = (style, text) => `\u001B[${codes[style]}m${text}\u001B[0m`

interface Rendering {
  readonly sources: ReadonlyMap<string, string>
  /** The same texts, as excerpts show them. */
  readonly shown: ReadonlyMap<string, string>
  readonly paint: Paint
}

function renderOne(diagnostic: Diagnostic, { sources, shown, paint }: Rendering): string {
  const { severity, code, file, span } = diagnostic
  const place = paint('bold', `${where(file, span, sources)}:`)
  const lines = [`${place} ${paint(severity, `${severity}[${code}]:`)} ${oneLine(diagnostic.message)}`]
  lines.push(...excerptLines(file, span, shown, (text) => paint(severity, text), paint))
  for (const other of diagnostic.related ?? []) {
    lines.push(`  ${paint('bold', `${where(other.file, other.span, sources)}:`)} ${oneLine(other.message)}`)
    lines.push(...excerptLines(other.file, other.span, shown, (text) => paint('faint', text), paint))
  }
  if (diagnostic.hint !== undefined) lines.push(`  ${paint('bold', 'hint:')} ${oneLine(diagnostic.hint)}`)
  return `${lines.join('\n')}\n`
}

function concealed(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const named = new Set(diagnostics.flatMap(({ file, related = [] }) => [file, ...related.map((each) => each.file)]))
  return new Map([...sources].filter(([file]) => named.has(file)).map(([file, text]) => [file, concealLiterals(text)]))
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
