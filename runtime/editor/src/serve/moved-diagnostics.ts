import type { Diagnostic } from '@ingot/syntax'

/**
 * Diagnostics of an older text, where they stand in a newer one. What was found in the part that changed is left out:
 * the next check tells whether it still holds.
 */
export function movedDiagnostics(diagnostics: readonly Diagnostic[], before: string, after: string): Diagnostic[] {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++
  let tail = 0
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail++
  }
  const by = after.length - before.length
  return diagnostics.flatMap((diagnostic) => {
    const { span } = diagnostic
    if (!span || span.end < start) return [diagnostic]
    if (span.start < before.length - tail) return []
    return [{ ...diagnostic, span: { start: span.start + by, end: span.end + by } }]
  })
}
