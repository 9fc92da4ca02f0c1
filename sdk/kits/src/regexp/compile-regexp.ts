import { RegexpError, translateRegexp } from './translate-regexp.ts'

export interface RegexpOptions {
  /** The whole text must match, as in relabel rules. */
  readonly anchored?: boolean
  /** For `matchAll` and `replace` of every match. */
  readonly global?: boolean
}

/**
 * Compiles RE2 syntax to a JavaScript regular expression.
 * @throws RegexpError when the pattern is not RE2 syntax.
 *
 * @example
 * ```ts
 * compileRegexp('(?i)err(?P<code>\\d+)').exec('ERR42')?.groups?.code // '42'
 * ```
 */
export function compileRegexp(pattern: string, options: RegexpOptions = {}): RegExp {
  const source = translateRegexp(pattern)
  try {
    return new RegExp(options.anchored ? `^(?:${source})$` : source, options.global ? 'gu' : 'u')
  } catch (error) {
    throw new RegexpError(pattern, { reason: (error as Error).message, start: 0, end: pattern.length })
  }
}
