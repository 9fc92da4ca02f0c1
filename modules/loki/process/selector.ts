import { compileRegexp } from '@ingot/kits'
import type { Labels } from '@ingot/telemetry'

/** A LogQL stream selector with line filters: `{app="web", env!~"dev|test"} |= "error" !~ "debug"`. */
export interface Selector {
  matchesLabels(labels: Labels): boolean
  readonly lineFilters: readonly ((line: string) => boolean)[]
}

/** Matchers and filters of one selector. */
const partsMax = 100

/** @throws when the text is not a selector. */
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
    const test = textTest(operator, scan.string(), true)
    matchers.push((labels) => test(labels.get(name) ?? ''))
  }
  return matchers
}

function readFilter(scan: SelectorScanner): (line: string) => boolean {
  const operator = scan.oneOf('|=', '|~', '!=', '!~')
  const tests = [lineTest(operator, scan.string())]
  while (scan.take('or')) tests.push(lineTest(operator, scan.string()))
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

  string(): string {
    this.#skipSpace()
    const match = /^(?:`([^`]*)`|"((?:[^"\\\n]|\\.)*)")/.exec(this.#text.slice(this.#at))
    if (!match) return this.fail('a string in double quotes or back-ticks')
    this.#at += match[0].length
    return match[1] ?? unquote(match[2]!)
  }

  fail(want: string): never {
    const found = this.#at >= this.#text.length ? 'the end' : `"${this.#text.slice(this.#at, this.#at + 20)}"`
    throw new Error(`Cannot read the selector "${this.#text}": found ${found} at column ${this.#at + 1}, want ${want}`)
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++
  }
}

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

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
