import { literal, perlClass, posixClass, unicodeClass } from './character-class.ts'

/** Longest pattern and highest repeat count, as RE2 bounds them. */
const patternCharsMax = 100_000
const repeatMax = 1000

/** A pattern that is not RE2 syntax. */
export class RegexpError extends Error {
  override readonly name = 'RegexpError'
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
    throw new RegexpError(
      `Cannot compile a regular expression of ${pattern.length} characters: want at most ${patternCharsMax}`,
    )
  return new Translator(pattern).run()
}

class Translator {
  readonly #text: string
  #at = 0
  #out = ''
  #flags: Flags = { i: false, m: false, s: false, U: false }
  /** Whether what was just written can be repeated, or is itself a repetition. */
  #last: 'atom' | 'repeat' | 'nothing' = 'nothing'
  /** Flags to restore, and brackets to close, at each open group. */
  readonly #groups: { flags: Flags; extra: number }[] = []
  /** `(?i)` in the middle of a group becomes a nested group that ends with it. */
  #extra = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): string {
    while (this.#at < this.#text.length) this.#step()
    if (this.#groups.length > 0) throw this.#error('a group is not closed: missing ")"')
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
    if (next === undefined) throw this.#error('trailing backslash')
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
    if (next !== 'p' && next !== 'P') return undefined
    const found = /^(?:\{(\^?\w+)\}|([A-Z]))/.exec(this.#text.slice(this.#at + 2, this.#at + 64))
    if (!found) throw this.#error('invalid Unicode class')
    this.#at += 2 + found[0].length
    return unicodeClass(next, found[1] ?? found[2]!)
  }

  #charEscape(): number {
    const rest = this.#text.slice(this.#at + 1, this.#at + 16)
    const hex = /^x(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{2}))/.exec(rest)
    if (hex) {
      this.#at += 1 + hex[0].length
      const point = parseInt(hex[1] ?? hex[2]!, 16)
      if (point > 0x10ffff) throw this.#error('code point beyond U+10FFFF')
      return point
    }
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest)
    if (octal) {
      this.#at += 1 + octal[0].length
      return parseInt(octal[0], 8)
    }
    const char = rest[0]!
    if (/[1-9]/.test(char)) throw this.#error(`backreference "\\${char}" (RE2 has none)`)
    const control = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }[char]
    if (control === undefined && (/[0-9A-Za-z]/.test(char) || char.charCodeAt(0) > 0x7f))
      throw this.#error(`unknown escape "\\${char}"`)
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
        throw this.#error(`a character class is not closed: "${this.#text.slice(start, start + 20)}"`)
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
      if (end >= 0 && set === undefined) throw this.#error(`unknown class "${text.slice(this.#at, end + 2)}"`)
      if (set !== undefined) {
        this.#at = end + 2
        return set
      }
    }
    if (text[this.#at] === '\\' && this.#at + 1 < text.length) {
      const set = this.#classEscape()
      if (set !== undefined) return set
    }
    const low = this.#classChar()
    if (text[this.#at] !== '-' || text[this.#at + 1] === ']' || this.#at + 1 >= text.length) return literal(low)
    this.#at++
    const high = this.#classChar()
    if (high < low) throw this.#error('invalid character class range')
    return `${literal(low)}-${literal(high)}`
  }

  #classChar(): number {
    if (this.#text[this.#at] !== '\\') return this.#take()
    if (this.#at + 1 >= this.#text.length) throw this.#error('trailing backslash')
    return this.#charEscape()
  }

  #open(): void {
    const head = /^\((?:\?(?:P?<([^>]*)>|([imsU]*)(?:-([imsU]+))?([:)])|(.{0,2})))?/s.exec(this.#text.slice(this.#at))!
    const [whole, name, on, off, end, unknown] = head
    if (unknown !== undefined && name === undefined)
      throw this.#error(`"(?${unknown}": RE2 has no lookaround and knows only the flags i, m, s and U`)
    this.#at += whole.length
    if (name !== undefined && !/^[A-Za-z_]\w*$/.test(name)) {
      if (/^[=!]/.test(name) || whole.startsWith('(?<=') || whole.startsWith('(?<!'))
        throw this.#error('lookbehind: RE2 has no lookaround')
      throw this.#error(`invalid group name "${name}"`)
    }
    if (end === ')') {
      this.#flags = changed(this.#flags, on!, off)
      this.#enterFlags()
      return
    }
    this.#groups.push({ flags: this.#flags, extra: this.#extra })
    this.#extra = 0
    if (name !== undefined) this.#out += `(?<${name}>`
    else if (end === ':') {
      this.#flags = changed(this.#flags, on!, off)
      this.#out += this.#flags.i ? '(?i:' : '(?-i:'
    } else this.#out += '('
    this.#last = 'nothing'
  }

  #enterFlags(): void {
    this.#out += this.#flags.i ? '(?i:' : '(?-i:'
    this.#extra++
    this.#last = 'nothing'
  }

  #close(): void {
    const group = this.#groups.pop()
    if (!group) throw this.#error('unexpected ")"')
    this.#out += ')'.repeat(this.#extra + 1)
    this.#flags = group.flags
    this.#extra = group.extra
    this.#at++
    this.#last = 'atom'
  }

  #repeat(): void {
    const found = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})(\?)?/.exec(this.#text.slice(this.#at, this.#at + 32))
    if (!found) {
      this.#at++
      return this.#atom('\\{')
    }
    const [whole, low, high, lazy] = found
    if (this.#last === 'nothing') throw this.#error(`missing argument to repetition operator "${whole}"`)
    if (this.#last === 'repeat') throw this.#error(`invalid nested repetition operator "${whole}"`)
    if (Number(low ?? 0) > repeatMax || Number(high ?? 0) > repeatMax)
      throw this.#error(`repeat count beyond ${repeatMax}`)
    if (high !== undefined && high !== '' && Number(high) < Number(low))
      throw this.#error(`invalid repeat count "${whole}"`)
    this.#at += whole.length
    const operator = lazy === undefined ? whole : whole.slice(0, -1)
    this.#out += operator + ((lazy !== undefined) !== this.#flags.U ? '?' : '')
    this.#last = 'repeat'
  }

  #atom(source: string): void {
    this.#out += source
    this.#last = 'atom'
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

  #error(found: string): RegexpError {
    return new RegexpError(`Cannot compile the regular expression "${this.#text}": ${found}`)
  }
}

function changed(flags: Flags, on: string, off = ''): Flags {
  const set = (flag: 'i' | 'm' | 's' | 'U') => (off.includes(flag) ? false : on.includes(flag) ? true : flags[flag])
  return { i: set('i'), m: set('m'), s: set('s'), U: set('U') }
}
