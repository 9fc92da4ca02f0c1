import type { Value } from '../../value.ts'
import type { Directive } from './directive.ts'
import { formatValue, goType, plain } from './format-value.ts'

/** Widths and precisions above this are mistakes, and would fill the memory. */
const SIZE_MAX = 1000

/**
 * Text by Go's `fmt.Sprintf`: the verbs `%v %t %b %d %o %O %x %X %c %U %e %E %f %F %g %G %s %q %T`, flags, width,
 * precision, `*` and argument indexes. As in Go, a mistake is no error but shows in the text: `%!d(string=hi)`.
 */
export function sprintf(spec: string, args: readonly Value[]): string {
  return new Formatter(spec, args).run()
}

class Formatter {
  readonly #spec: string
  readonly #args: readonly Value[]
  #at = 0
  #next = 0
  #reordered = false
  #goodIndex = true

  constructor(spec: string, args: readonly Value[]) {
    this.#spec = spec
    this.#args = args
  }

  run(): string {
    let text = ''
    while (this.#at < this.#spec.length) {
      const percent = this.#spec.indexOf('%', this.#at)
      if (percent === -1) {
        text += this.#spec.slice(this.#at)
        break
      }
      text += this.#spec.slice(this.#at, percent)
      this.#at = percent + 1
      text += this.#directive()
    }
    return text + this.#extra()
  }

  #directive(): string {
    this.#goodIndex = true
    const flags = this.#flags()
    let problems = ''
    this.#index()
    const width = this.#size(() => (problems += '%!(BADWIDTH)'))
    let precision: number | undefined
    if (this.#spec[this.#at] === '.') {
      this.#at++
      this.#index()
      precision = this.#size(() => (problems += '%!(BADPREC)')) ?? 0
    }
    this.#index()
    const code = this.#spec.codePointAt(this.#at)
    if (code === undefined) return `${problems}%!(NOVERB)`
    const verb = String.fromCodePoint(code)
    this.#at += verb.length
    if (verb === '%') return `${problems}%`
    if (!this.#goodIndex) return `${problems}%!${verb}(BADINDEX)`
    if (this.#next >= this.#args.length) return `${problems}%!${verb}(MISSING)`
    const negative = width !== undefined && width < 0
    const directive: Directive = {
      verb,
      flags: negative ? new Set([...flags, '-']) : flags,
      width: Math.abs(width ?? 0),
      ...(precision !== undefined && precision >= 0 && { precision }),
    }
    return problems + formatValue(this.#args[this.#next++]!, directive)
  }

  #flags(): ReadonlySet<string> {
    const flags = new Set<string>()
    for (; '#0+- '.includes(this.#spec[this.#at] ?? 'x'); this.#at++) flags.add(this.#spec[this.#at]!)
    return flags
  }

  /** `[n]` chooses the next argument, counted from 1. */
  #index(): void {
    if (this.#spec[this.#at] !== '[') return
    this.#reordered = true
    const match = /^\[(\d+)\]/.exec(this.#spec.slice(this.#at, this.#at + 12))
    const close = this.#spec.indexOf(']', this.#at)
    this.#at = match ? this.#at + match[0].length : close === -1 ? this.#at + 1 : close + 1
    const chosen = Number(match?.[1] ?? 0)
    if (chosen >= 1 && chosen <= this.#args.length) this.#next = chosen - 1
    else this.#goodIndex = false
  }

  /** Digits, or `*` for an argument. */
  #size(complain: () => void): number | undefined {
    if (this.#spec[this.#at] === '*') {
      this.#at++
      const value = this.#args[this.#next]
      if (this.#next < this.#args.length) this.#next++
      const fits = typeof value === 'bigint' && value <= SIZE_MAX && value >= -SIZE_MAX
      if (!fits) complain()
      return fits ? Number(value) : undefined
    }
    const digits = /^\d+/.exec(this.#spec.slice(this.#at, this.#at + 20))?.[0]
    if (digits === undefined) return undefined
    this.#at += digits.length
    if (Number(digits) <= SIZE_MAX) return Number(digits)
    complain()
    return undefined
  }

  #extra(): string {
    if (this.#reordered || this.#next >= this.#args.length) return ''
    const rest = this.#args.slice(this.#next).map((arg) => (arg === null ? '<nil>' : `${goType(arg)}=${plain(arg)}`))
    return `%!(EXTRA ${rest.join(', ')})`
  }
}
