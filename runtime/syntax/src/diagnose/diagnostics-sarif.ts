import type { Span } from '../ast.ts'
import { type CodeEntry, codes } from '../codes.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { rangeOf } from './diagnostics-json.ts'

/**
 * Diagnostics as a SARIF 2.1.0 log (OASIS), which code hosts and editors show at the lines that they are about.
 *
 * @param sources the texts of the files; without its text, a result has no region
 */
export function diagnosticsToSarif(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const used = [...new Set(diagnostics.map(({ code }) => code))]
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ingot', rules: used.map(rule) } },
        columnKind: 'unicodeCodePoints',
        results: diagnostics.map((each) => result(each, used.indexOf(each.code), sources)),
      },
    ],
  }
}

function rule(code: string) {
  const entry = (codes as Readonly<Record<string, CodeEntry | undefined>>)[code]
  return {
    id: code,
    ...(entry && { shortDescription: { text: entry.meaning } }),
    defaultConfiguration: { level: entry?.severity ?? 'error' },
  }
}

function result(diagnostic: Diagnostic, ruleIndex: number, sources: ReadonlyMap<string, string>) {
  const { code, severity, message, hint, file, span, related = [] } = diagnostic
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    locations: [location(file, span, sources)],
    ...(related.length > 0 && {
      relatedLocations: related.map((each) => ({
        ...location(each.file, each.span, sources),
        message: { text: each.message },
      })),
    }),
  }
}

function location(file: string, span: Span | undefined, sources: ReadonlyMap<string, string>) {
  const { range } = rangeOf(file, span, sources)
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file.replaceAll('\\', '/')) },
      ...(range && {
        region: {
          startLine: range.start.line,
          startColumn: range.start.column,
          endLine: range.end.line,
          endColumn: range.end.column,
        },
      }),
    },
  }
}
