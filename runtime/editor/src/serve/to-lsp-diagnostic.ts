import type { Diagnostic } from '@ingot/syntax'
import { type Diagnostic as LspDiagnostic, DiagnosticSeverity, DiagnosticTag, type Range } from 'vscode-languageserver'
import type { DiagnosticData } from '../fix/code-actions.ts'
import type { Source } from '../source/source.ts'
import { uriOf } from './uri.ts'

const nowhere: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

/** @param sourceOf the file that a related place is in */
export function toLspDiagnostic(
  { code, severity, message, hint, span, related }: Diagnostic,
  source: Source,
  sourceOf: (name: string) => Source | undefined,
): LspDiagnostic {
  const data: DiagnosticData = hint === undefined ? {} : { hint }
  const relatedInformation = related?.flatMap((each) => {
    const file = sourceOf(each.file)
    return file ? [{ message: each.message, location: { uri: uriOf(each.file), range: file.range(each.span) } }] : []
  })
  return {
    code,
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message: hint === undefined ? message : `${message}\nhint: ${hint}`,
    range: span ? source.range(span) : nowhere,
    source: 'ingot',
    data,
    ...(code.startsWith('deprecated') && { tags: [DiagnosticTag.Deprecated] }),
    ...(relatedInformation && relatedInformation.length > 0 && { relatedInformation }),
  }
}
