import { LanguageChecks } from '@ingot/engine'
import { decodeSource, parse, print, renderDiagnostics, type Diagnostic, type Parsed } from '@ingot/syntax'
import { alloyDistribution } from '../../compat/conformance/alloy-distribution.ts'
import type { Input } from './inputs.ts'

const file = 'fuzz.alloy'
const folder = '/etc/ingot'
/** Rendering one takes as long as parsing a line: the first ones show what all look like. */
const renderedMax = 5

let checks: LanguageChecks | undefined

/**
 * What must hold of any text.
 * @param whole also expand and check it, as `ingot validate` does of a file that imports nothing
 * @returns whether it is a configuration without mistakes of grammar
 * @throws when something does not hold
 */
export function examine(input: Input, whole: boolean): boolean {
  const text = typeof input === 'string' ? input : decodeSource(file, input).text
  const parsed = parse(file, text)
  placesAreInside(parsed.diagnostics, text)
  renderDiagnostics(parsed.diagnostics.slice(0, renderedMax), new Map([[file, text]]), { color: true })
  const printed = print(parsed.file)
  if (parsed.diagnostics.length === 0) printKeeps(parsed, printed)
  if (whole) check(parsed, text)
  return parsed.diagnostics.length === 0
}

function placesAreInside(diagnostics: readonly Diagnostic[], text: string): void {
  for (const { code, message, span } of diagnostics) {
    const holds = span === undefined || (span.start >= 0 && span.end >= span.start && span.end <= text.length)
    if (!holds) throw new Error(`${code} is at ${JSON.stringify(span)} of ${text.length} characters: ${message}`)
  }
}

/** What is printed parses to the same tree with the same comments, and printing it again changes nothing. */
function printKeeps(before: Parsed, printed: string): void {
  const after = parse(file, printed)
  if (after.diagnostics[0]) throw new Error(`what is printed does not parse: ${after.diagnostics[0].message}`)
  if (meaning(after) !== meaning(before)) throw new Error('what is printed means something else')
  if (comments(after) !== comments(before)) throw new Error('a comment is not printed')
  if (print(after.file) !== printed) throw new Error('what is printed is printed differently')
}

const layout: ReadonlySet<string> = new Set(['span', 'head', 'nameSpan', 'operatorSpan', 'raw'])

/** The tree without its places and how its literals are written. */
function meaning({ file: { body } }: Parsed): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (layout.has(key)) return undefined
    return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value
  })
}

function comments({ file: { comments: all } }: Parsed): string {
  return all.map(({ text }) => text.trimEnd()).join('\0')
}

function check(parsed: Parsed, text: string): void {
  checks ??= new LanguageChecks({
    distribution: alloyDistribution(),
    cacheDir: 'absent',
    stabilityLevel: 'experimental',
  })
  const { neededImports, ...first } = checks.validate([parsed.file], folder, new Map())
  placesAreInside(first.diagnostics, text)
  if (neededImports.length === 0) return
  const imports = new Map(neededImports.map(({ id }) => [id, { kind: 'failed' } as const]))
  checks.validate([parsed.file], folder, imports)
}
