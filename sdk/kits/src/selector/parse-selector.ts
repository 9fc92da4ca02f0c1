import type { Labels } from '@ingot/telemetry'
import { FormatError } from '../format-error.ts'
import { compileRegexp } from '../regexp/compile-regexp.ts'

/** A LogQL stream selector with line filters: `{app="web", env!~"dev|test"} |= "error" !~ "debug"`. */
export interface Selector {
  matchesLabels(labels: Labels): boolean
  readonly lineFilters: readonly ((line: string) => boolean)[]
}

/** Matchers and filters of one selector. */
const partsMax = 100

/** @throws FormatError when the text is not a selector. */
export function parseSelector(text: string): Selector {
  const scan = new SelectorScanner(text)
  const matchers = readMatchers(scan)
  const lineFilters: ((line: string) => boolean)[] = []
  while (!scan.atEnd()) {
    if (lineFilters.length >= partsMax) scan.fail(`at most ${partsMax} line filters`)
    lineFilters.push(readFilter(scan))
  }
  const memo = new WeakMap<Labels, boolean>()
  return {
    lineFilters,
    matchesLabels(labels) {
      const known = memo.get(labels)
      if (known !== undefined) return known
      const result = matchers.every((matches) => matches(labels))
      memo.set(labels, result)
      return result
    },
  }
}

function readMatchers(scan: SelectorScanner): ((labels: Labels) => boolean)[] {
  const matchers: ((labels: Labels) => boolean)[] = []
  scan.expect('{')
  while (!scan.take('}')) {
    if (matchers.length > 0) {
      scan.expect(',')
      if (scan.take('}')) break
    }
    if (matchers.length >= partsMax) scan.fail(`at most ${partsMax} matchers`)
    const name = scan.name()
    const operator = scan.oneOf('=~', '!~', '!=', '=')
    const test = scan.string((value) => textTest(operator, value, true))
    matchers.push((labels) => test(labels.get(name) ?? ''))
  }
  return matchers
}

function readFilter(scan: SelectorScanner): (line: string) => boolean {
  const operator = scan.oneOf('|=', '|~', '!=', '!~')
  const read = () => scan.string((value) => lineTest(operator, value))
  const tests = [read()]
  while (scan.take('or')) tests.push(read())
  // `|= "a" or "b"` wants one of them, `!= "a" or "b"` wants none.
  return operator.startsWith('|')
    ? (line) => tests.some((test) => test(line))
    : (line) => tests.every((test) => test(line))
}

function lineTest(operator: string, value: string): (line: string) => boolean {
  if (operator === '|=') return (line) => line.includes(value)
  if (operator === '!=') return (line) => !line.includes(value)
  return textTest(operator === '|~' ? '=~' : '!~', value, false)
}

function textTest(operator: string, value: string, anchored: boolean): (text: string) => boolean {
  if (operator === '=') return (text) => text === value
  if (operator === '!=') return (text) => text !== value
  const regexp = compileRegexp(value, { anchored })
  return operator === '=~' ? (text) => regexp.test(text) : (text) => !regexp.test(text)
}

class SelectorScanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#skipSpace()
    return this.#at >= this.#text.length
  }

  take(token: string): boolean {
    this.#skipSpace()
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail(`"${token}"`)
  }

  oneOf<T extends string>(...tokens: T[]): T {
    for (const token of tokens) if (this.take(token)) return token
    return this.fail(tokens.map((token) => `"${token}"`).join(', '))
  }

  name(): string {
    this.#skipSpace()
    const match = /^[a-zA-Z_][a-zA-Z0-9_]*/.exec(this.#text.slice(this.#at))
    if (!match) return this.fail('a label name')
    this.#at += match[0].length
    return match[0]
  }

  /** A string, and what is made of it: what is wrong with that is told at its place in the string. */
  string<T>(use: (value: string) => T): T {
    this.#skipSpace()
    const start = this.#at
    const match = /^(?:`([^`]*)`|"((?:[^"\\\n]|\\.)*)")/.exec(this.#text.slice(start))
    if (!match) return this.fail('a string in double quotes or back-ticks')
    this.#at += match[0].length
    const [, raw, quoted = ''] = match
    const unknown = raw === undefined ? unknownEscape.exec(quoted) : null
    if (unknown) {
      const at = start + 1 + unknown[0].lastIndexOf('\\')
      const advice = 'write \\\\ for a backslash, or put the text in back-ticks'
      throw this.#error(`found the unknown escape "${this.#text.slice(at, at + 2)}"`, at, at + 2, advice)
    }
    try {
      return use(raw ?? unquote(quoted))
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      const { mistake } = error
      const plain = raw !== undefined || !quoted.includes('\\')
      const from = plain ? start + 1 + mistake.start : start
      throw this.#error(mistake.reason, from, plain ? start + 1 + mistake.end : this.#at, mistake.advice)
    }
  }

  fail(want: string): never {
    const rest = this.#text.slice(this.#at)
    const [token = ''] = /^(?:\w+|[^\w\s"`]{1,2})/.exec(rest) ?? []
    const found = rest === '' ? 'the end' : `"${token || rest[0]}"`
    throw this.#error(`found ${found}, want ${want}`, this.#at, this.#at + token.length)
  }

  #error(reason: string, start: number, end: number, advice?: string): FormatError {
    return new FormatError('Cannot read the selector', this.#text, { reason, start, end, advice })
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++
  }
}

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The first backslash of a double-quoted string that begins none of Go's escapes. */
const unknownEscape =
  /^(?:[^\\]|\\(?:[abfnrtv\\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}))*\\(?![abfnrtv\\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})/

/** Go's escapes in a double-quoted string. */
function unquote(body: string): string {
  return body.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/g,
    (_, x?: string, u?: string, U?: string, octal?: string, char = '') => {
      const hex = x ?? u ?? U
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      return escapes[char] ?? char
    },
  )
}
