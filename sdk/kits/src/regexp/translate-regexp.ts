import { FormatError, type FormatMistake } from '../format-error.ts'
import { literal, perlClass, posixClass, unicodeClass } from './character-class.ts'

/** Longest pattern; highest repeat count, also of repetitions in each other; deepest nesting: as RE2 bounds them. */
const patternCharsMax = 100_000
const repeatMax = 1000
const depthMax = 1000

/** A pattern that is not RE2 syntax. */
export class RegexpError extends FormatError {
  override readonly name = 'RegexpError'

  constructor(pattern: string, mistake: FormatMistake) {
    super('Cannot compile the regular expression', pattern, mistake)
  }
}

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly U: boolean
}

/**
 * The source of a JavaScript regular expression (for the `u` flag alone) that means what `pattern` means to RE2: ASCII
 * `\s`, `.` and `$` that know only "\n", inline flags, POSIX classes, `\A`, `\z`, `\Q…\E`, `(?P<name>…)`.
 * @throws RegexpError for lookaround, backreferences, and whatever else RE2 does not have.
 */
export function translateRegexp(pattern: string): string {
  if (pattern.length > patternCharsMax)
    throw new RegexpError(`${pattern.slice(0, 20)}…`, {
      reason: `found ${pattern.length} characters, want at most ${patternCharsMax}`,
      start: patternCharsMax,
      end: pattern.length,
    })
  return new Translator(pattern).run()
}

class Translator {
  readonly #text: string
  #at = 0
  #out = ''
  #flags: Flags = { i: false, m: false, s: false, U: false }
  /** Whether what was just written can be repeated, or is itself a repetition. */
  #last: 'atom' | 'repeat' | 'nothing' = 'nothing'
  /** Flags to restore, and brackets to close, at each open group, which began at `start`. */
  readonly #groups: { flags: Flags; extra: number; start: number; repeats: number }[] = []
  readonly #names = new Set<string>()
  /** How often the innermost parts are repeated at most: of all there is in the open group, and of its last part. */
  #repeats = 1
  #lastRepeats = 1
  /** `(?i)` in the middle of a group becomes a nested group that ends with it. */
  #extra = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): string {
    while (this.#at < this.#text.length) this.#step()
    const open = this.#groups.at(-1)
    if (open) throw this.#error('a group is not closed: missing ")"', open.start, open.start + 1)
    return this.#out + ')'.repeat(this.#extra)
  }

  #step(): void {
    const char = this.#text[this.#at]!
    if (char === '\\') return this.#escape()
    if (char === '[') return this.#class()
    if (char === '(') return this.#open()
    if (char === ')') return this.#close()
    if ('*+?{'.includes(char)) return this.#repeat()
    this.#at++
    if (char === '|') return this.#alternative()
    if (char === '.') return this.#atom(this.#flags.s ? '[\\s\\S]' : '[^\\n]')
    if (char === '^') return this.#assertion(this.#flags.m ? '(?<![^\\n])' : '^')
    if (char === '$') return this.#assertion(this.#flags.m ? '(?![^\\n])' : '$')
    this.#at--
    this.#atom(literal(this.#take()))
  }

  /** `(?i)` reaches over `|` to the end of its group, and so does the flag; the nested group must not. */
  #alternative(): void {
    this.#out += `${')'.repeat(this.#extra)}|`
    this.#last = 'nothing'
    const reopened = this.#extra > 0
    this.#extra = 0
    if (reopened) this.#enterFlags()
  }

  #escape(): void {
    const text = this.#text
    const next = text[this.#at + 1]
    if (next === undefined) throw this.#error('trailing backslash', this.#at, this.#at + 1, backslashAdvice)
    if (next === 'Q') {
      const end = text.indexOf('\\E', this.#at + 2)
      const quoted = text.slice(this.#at + 2, end < 0 ? text.length : end)
      this.#at = end < 0 ? text.length : end + 2
      for (const char of quoted) this.#atom(literal(char.codePointAt(0)!))
      return
    }
    if ('AzbB'.includes(next)) {
      this.#at += 2
      return this.#assertion(next === 'A' ? '^' : next === 'z' ? '$' : `\\${next}`)
    }
    const set = this.#classEscape()
    if (set !== undefined) return this.#atom(`[${set}]`)
    this.#atom(literal(this.#charEscape()))
  }

  /** `\d`, `\pN` … as the inside of a class, or nothing when the escape is of one character. */
  #classEscape(): string | undefined {
    const next = this.#text[this.#at + 1]!
    const set = perlClass(next)
    if (set !== undefined) {
      this.#at += 2
      return set
    }
    return next === 'p' || next === 'P' ? this.#unicodeClass(next) : undefined
  }

  #unicodeClass(letter: 'p' | 'P'): string {
    const start = this.#at
    const found = /^(?:\{(\^?\w+)\}|([A-Z]))/.exec(this.#text.slice(start + 2, start + 64))
    if (!found) throw this.#error('invalid Unicode class', start, start + 2)
    this.#at += 2 + found[0].length
    const name = found[1] ?? found[2]!
    const set = unicodeClass(letter, name)
    try {
      RegExp(set, 'u')
    } catch {
      throw this.#error(`unknown Unicode class "${name}"`, start, this.#at)
    }
    return set
  }

  #charEscape(): number {
    const rest = this.#text.slice(this.#at + 1, this.#at + 16)
    const hex = /^x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/.exec(rest)
    if (hex) {
      this.#at += 1 + hex[0].length
      const point = parseInt(hex[1] ?? hex[2]!, 16)
      if (point > 0x10ffff) throw this.#error('code point beyond U+10FFFF', this.#at - hex[0].length - 1, this.#at)
      return point
    }
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest)
    if (octal) {
      this.#at += 1 + octal[0].length
      return parseInt(octal[0], 8)
    }
    const char = rest[0]!
    if (/[1-9]/.test(char)) throw this.#error(`backreference "\\${char}" (RE2 has none)`, this.#at, this.#at + 2)
    const control = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }[char]
    if (control === undefined && (/[0-9A-Za-z]/.test(char) || char.charCodeAt(0) > 0x7f))
      throw this.#error(`unknown escape "\\${char}"`, this.#at, this.#at + 2, escapeAdvice(char))
    this.#at += 2
    return control ?? char.charCodeAt(0)
  }

  #class(): void {
    const start = this.#at++
    const negated = this.#text[this.#at] === '^'
    if (negated) this.#at++
    let set = ''
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.#at >= this.#text.length)
        throw this.#error('a character class is not closed: missing "]"', start, start + 1)
      set += this.#classItem()
    }
    this.#at++
    this.#atom(negated ? `[^${set}]` : `[${set}]`)
  }

  #classItem(): string {
    const text = this.#text
    if (text.startsWith('[:', this.#at)) {
      const end = text.indexOf(':]', this.#at)
      const set = end < 0 ? undefined : posixClass(text.slice(this.#at + 2, end))
      if (end >= 0 && set === undefined)
        throw this.#error(`unknown class "${text.slice(this.#at, end + 2)}"`, this.#at, end + 2)
      if (set !== undefined) {
        this.#at = end + 2
        return set
      }
    }
    if (text[this.#at] === '\\' && this.#at + 1 < text.length) {
      const set = this.#classEscape()
      if (set !== undefined) return set
    }
    const start = this.#at
    const low = this.#classChar()
    if (text[this.#at] !== '-' || text[this.#at + 1] === ']' || this.#at + 1 >= text.length) return literal(low)
    this.#at++
    const high = this.#classChar()
    if (high < low) throw this.#error(`invalid character class range "${text.slice(start, this.#at)}"`, start, this.#at)
    return `${literal(low)}-${literal(high)}`
  }

  #classChar(): number {
    if (this.#text[this.#at] !== '\\') return this.#take()
    if (this.#at + 1 >= this.#text.length) throw this.#error('trailing backslash', this.#at, this.#at + 1)
    return this.#charEscape()
  }

  #open(): void {
    const head = /^\((?:\?(?:P?<([^>]*)>|([imsU]*)(?:-([imsU]+))?([:)])|(.{0,2})))?/s.exec(this.#text.slice(this.#at))!
    const [whole, name, on, off, end, unknown] = head
    const start = this.#at
    this.#refuseLookaround(start)
    if (unknown !== undefined && name === undefined)
      throw this.#error(`found "(?${unknown}", RE2 knows only the flags i, m, s and U`, start, start + whole.length)
    this.#at += whole.length
    if (name !== undefined) this.#name(name, start)
    if (end === ')') {
      this.#flags = changed(this.#flags, on!, off)
      this.#enterFlags()
      return
    }
    if (this.#groups.length >= depthMax) throw this.#error(`groups nested deeper than ${depthMax}`, start, start + 1)
    this.#groups.push({ flags: this.#flags, extra: this.#extra, start, repeats: this.#repeats })
    this.#extra = 0
    this.#repeats = 1
    if (name !== undefined) this.#out += `(?<${name}>`
    else if (end === ':') {
      this.#flags = changed(this.#flags, on!, off)
      this.#out += this.#flags.i ? '(?i:' : '(?-i:'
    } else this.#out += '('
    this.#last = 'nothing'
  }

  #refuseLookaround(start: number): void {
    const found = /^\(\?(<?)[=!]/.exec(this.#text.slice(start, start + 4))
    if (!found) return
    const kind = found[1] === '<' ? 'lookbehind' : 'lookahead'
    const reason = `found "${found[0]}", RE2 has no ${kind}`
    throw this.#error(reason, start, start + found[0].length, lookaroundAdvice)
  }

  #name(name: string, start: number): void {
    const at = this.#text.indexOf('<', start) + 1
    if (!/^[A-Za-z_]\w*$/.test(name)) throw this.#error(`invalid group name "${name}"`, at, at + name.length)
    if (this.#names.has(name)) throw this.#error(`two groups named "${name}"`, at, at + name.length)
    this.#names.add(name)
  }

  #enterFlags(): void {
    this.#out += this.#flags.i ? '(?i:' : '(?-i:'
    this.#extra++
    this.#last = 'nothing'
  }

  #close(): void {
    const group = this.#groups.pop()
    if (!group)
      throw this.#error('unexpected ")"', this.#at, this.#at + 1, 'write \\) for a bracket that is part of the text')
    this.#out += ')'.repeat(this.#extra + 1)
    this.#flags = group.flags
    this.#extra = group.extra
    this.#at++
    this.#last = 'atom'
    this.#lastRepeats = this.#repeats
    this.#repeats = Math.max(group.repeats, this.#lastRepeats)
  }

  #repeat(): void {
    const found = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})(\?)?/.exec(this.#text.slice(this.#at, this.#at + 32))
    if (!found) {
      this.#at++
      return this.#atom('\\{')
    }
    const [whole, low, high, lazy] = found
    const end = this.#at + whole.length
    if (this.#last === 'nothing')
      throw this.#error(`nothing to repeat before "${whole}"`, this.#at, end, repetitionAdvice(whole))
    if (this.#last === 'repeat') throw this.#error(`invalid nested repetition operator "${whole}"`, this.#at, end)
    const most = Math.max(Number(low ?? 0), Number(high ?? 0))
    if (most > repeatMax) throw this.#error(`repeat count beyond ${repeatMax}`, this.#at, end)
    if (high !== undefined && high !== '' && Number(high) < Number(low))
      throw this.#error(`invalid repeat count "${whole}"`, this.#at, end)
    this.#lastRepeats *= Math.max(1, most)
    if (this.#lastRepeats > repeatMax) throw this.#error(`repetitions in each other beyond ${repeatMax}`, this.#at, end)
    this.#repeats = Math.max(this.#repeats, this.#lastRepeats)
    this.#at += whole.length
    const operator = lazy === undefined ? whole : whole.slice(0, -1)
    this.#out += operator + ((lazy !== undefined) !== this.#flags.U ? '?' : '')
    this.#last = 'repeat'
  }

  #atom(source: string): void {
    this.#out += source
    this.#last = 'atom'
    this.#lastRepeats = 1
  }

  /** RE2 lets assertions be repeated, which JavaScript refuses: a group around them makes them the same. */
  #assertion(source: string): void {
    this.#atom('*+?{'.includes(this.#text[this.#at] ?? '.') ? `(?:${source})` : source)
  }

  #take(): number {
    const point = this.#text.codePointAt(this.#at)!
    this.#at += point > 0xffff ? 2 : 1
    return point
  }

  #error(reason: string, start: number, end: number, advice?: string): RegexpError {
    return new RegexpError(this.#text, { reason, start, end, advice })
  }
}

const lookaroundAdvice = 'match what is there instead, or say it in two steps: RE2 never looks around'
const backslashAdvice = 'write \\\\ for a backslash'

function escapeAdvice(char: string): string | undefined {
  return char === 'Z' ? 'write \\z for the end of the text' : undefined
}

function repetitionAdvice(operator: string): string {
  return operator.startsWith('*')
    ? 'write .* for any text: this is no file pattern'
    : `write \\${operator} for the text itself`
}

function changed(flags: Flags, on: string, off = ''): Flags {
  const set = (flag: 'i' | 'm' | 's' | 'U') => (off.includes(flag) ? false : on.includes(flag) ? true : flags[flag])
  return { i: set('i'), m: set('m'), s: set('s'), U: set('U') }
}
