import type { Diagnostic } from '@ingot/syntax'

/**
 * The blocks of a declare come by once for each of its instances; their mistakes are told once.
 * @param sameness what two diagnostics that are the same have in common
 */
export function uniqueDiagnostics(
  diagnostics: readonly Diagnostic[],
  sameness: (diagnostic: Diagnostic) => unknown = ({ code, file, span, message }) => [code, file, span?.start, message],
): Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics.filter((diagnostic) => {
    const key = JSON.stringify(sameness(diagnostic))
    const first = !seen.has(key)
    seen.add(key)
    return first
  })
}
