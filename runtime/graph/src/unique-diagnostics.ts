import type { Diagnostic } from '@ingot/syntax'

/** The blocks of a declare come by once for each of its instances; their mistakes are told once. */
export function uniqueDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics.filter(({ code, file, span, message }) => {
    const key = JSON.stringify([code, file, span?.start, message])
    const first = !seen.has(key)
    seen.add(key)
    return first
  })
}
