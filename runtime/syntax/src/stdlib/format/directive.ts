import { codePoints } from '../../diagnose/position.ts'

/** `%-8.3f`: verb `f`, flag `-`, width 8, precision 3. */
export interface Directive {
  readonly verb: string
  readonly flags: ReadonlySet<string>
  readonly width: number
  readonly precision?: number
}

export function pad(text: string, { width, flags }: Directive): string {
  const missing = width - codePoints(text)
  if (missing <= 0) return text
  if (flags.has('-')) return text + ' '.repeat(missing)
  return (flags.has('0') ? '0' : ' ').repeat(missing) + text
}

export function without(flags: ReadonlySet<string>, flag: string): ReadonlySet<string> {
  return new Set([...flags].filter((given) => given !== flag))
}
