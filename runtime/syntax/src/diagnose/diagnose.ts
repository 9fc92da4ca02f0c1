import type { Span } from '../ast.ts'
import { type Code, type CodeEntry, codes } from '../codes.ts'
import type { Diagnostic } from '../diagnostic.ts'

export interface Place {
  readonly file: string
  readonly span?: Span
}

/**
 * Makes a diagnostic. `values` fill the `{name}`s of the code's hint; a hint that lacks one of its values is left out.
 */
export function diagnose(
  code: Code,
  place: Place,
  message: string,
  values: Readonly<Record<string, string | undefined>> = {},
): Diagnostic {
  const entry: CodeEntry = codes[code]
  const hint = entry.hint === undefined ? undefined : fill(entry.hint, values)
  return {
    code,
    severity: entry.severity ?? 'error',
    message,
    file: place.file,
    ...(place.span && { span: place.span }),
    ...(hint !== undefined && { hint }),
  }
}

function fill(template: string, values: Readonly<Record<string, string | undefined>>): string | undefined {
  let complete = true
  const text = template.replace(/\{([a-z]+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) complete = false
    return value ?? ''
  })
  return complete ? text : undefined
}
