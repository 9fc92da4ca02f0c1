/** Alternatives that the braces of one pattern may expand to. */
const alternativesMax = 1000
/** Characters of a pattern: the longest path of the operating system. */
const patternCharactersMax = 4096

/** One segment of a pattern, ready to be compared with one name of a path. */
export interface Segment {
  readonly text: string
  /** `**`: any number of names, none included. */
  readonly deep: boolean
  /** Without wildcards: `text` is the name itself. */
  readonly plain: boolean
}

/**
 * A doublestar pattern: `*` and `?` within a name (names that start with a dot included), `**` as a whole segment for
 * any number of directories, `[a-z]` and `[^a-z]`, `{a,b}`, and `\` to take a character as it is. Matching takes time
 * proportional to pattern times path, whatever the pattern.
 */
export class GlobPattern {
  /** Each way to choose from the braces, as segments. */
  readonly alternatives: readonly (readonly Segment[])[]
  /** The directory (or file) that every match is or is below. */
  readonly base: string

  /** @throws when the pattern is malformed or too large. */
  constructor(pattern: string) {
    if (pattern.length > patternCharactersMax)
      throw new Error(`Cannot use the pattern: it has more than ${patternCharactersMax} characters`)
    const expanded: string[] = []
    expandBraces(pattern, expanded)
    this.alternatives = [...new Set(expanded)].map(toSegments)
    this.base = commonBase(this.alternatives)
  }

  matches(path: string): boolean {
    const names = path.split('/')
    return this.alternatives.some((segments) => matchSegments(segments, names))
  }
}

/** Greedy with one point to go back to: the last `**`. Earlier ones need no second try, as for `*` in a name. */
function matchSegments(segments: readonly Segment[], names: readonly string[]): boolean {
  let s = 0
  let n = 0
  let deepAt = -1
  let retryFrom = 0
  while (n < names.length) {
    const segment = segments[s]
    if (segment?.deep) {
      deepAt = s++
      retryFrom = n
    } else if (segment && matchSegment(segment, names[n]!)) {
      s++
      n++
    } else if (deepAt >= 0) {
      s = deepAt + 1
      n = ++retryFrom
    } else return false
  }
  while (segments[s]?.deep) s++
  return s === segments.length
}

/** Whether one name fits one segment. */
export function matchSegment(segment: Segment, name: string): boolean {
  return segment.plain ? segment.text === name : matchName(segment.text, name)
}

function matchName(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let starAt = -1
  let retryFrom = 0
  while (n < name.length) {
    if (pattern[p] === '*') {
      starAt = p++
      retryFrom = n
      continue
    }
    const next = p < pattern.length ? matchOne(pattern, p, name, n) : undefined
    if (next) {
      p = next.p
      n = next.n
    } else if (starAt >= 0) {
      p = starAt + 1
      n = retryFrom += codePointLength(name, retryFrom)
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

function matchOne(pattern: string, p: number, name: string, n: number): { p: number; n: number } | undefined {
  const width = codePointLength(name, n)
  if (pattern[p] === '?') return { p: p + 1, n: n + width }
  if (pattern[p] === '[') return matchClass(pattern, p, name, n, width)
  const at = pattern[p] === '\\' && p + 1 < pattern.length ? p + 1 : p
  return pattern[at] === name[n] ? { p: at + 1, n: n + 1 } : undefined
}

function matchClass(
  pattern: string,
  p: number,
  name: string,
  n: number,
  width: number,
): { p: number; n: number } | undefined {
  const wanted = name.codePointAt(n)!
  let i = p + 1
  const negated = pattern[i] === '^' || pattern[i] === '!'
  if (negated) i++
  let found = false
  for (let first = true; i < pattern.length && (first || pattern[i] !== ']'); first = false) {
    const low = classPoint(pattern, i)
    i = low.next
    let high = low
    if (pattern[i] === '-' && pattern[i + 1] !== ']' && i + 1 < pattern.length) {
      high = classPoint(pattern, i + 1)
      i = high.next
    }
    if (low.point <= wanted && wanted <= high.point) found = true
  }
  return found === negated ? undefined : { p: i + 1, n: n + width }
}

function classPoint(pattern: string, at: number): { point: number; next: number } {
  const from = pattern[at] === '\\' && at + 1 < pattern.length ? at + 1 : at
  return { point: pattern.codePointAt(from)!, next: from + codePointLength(pattern, from) }
}

function codePointLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

function toSegments(pattern: string): readonly Segment[] {
  const segments: Segment[] = []
  for (const text of splitSegments(pattern)) {
    // Neighbouring ** mean the same as one.
    if (text === '**' && segments.at(-1)?.deep) continue
    checkClasses(text)
    const plain = !/[*?[\\]/.test(text)
    segments.push({ text, deep: text === '**', plain })
  }
  return segments
}

/** Splits at `/` outside of character classes. */
function splitSegments(pattern: string): string[] {
  return pattern.split('/').filter((text, index) => text !== '' || index === 0)
}

function checkClasses(segment: string): void {
  for (let i = 0; i < segment.length; i++) {
    if (segment[i] === '\\') i++
    else if (segment[i] === '[') {
      i = classEnd(segment, i)
      if (i < 0) throw new Error(`Cannot use the pattern: "[" in "${segment}" has no "]"`)
    }
  }
}

/** Index of the `]` that ends the class at `from`, or -1. */
function classEnd(text: string, from: number): number {
  let i = from + 1
  if (text[i] === '^' || text[i] === '!') i++
  for (let first = true; i < text.length; i++, first = false) {
    if (text[i] === '\\') i++
    else if (text[i] === ']' && !first) return i
  }
  return -1
}

function expandBraces(pattern: string, into: string[]): void {
  const open = findOpen(pattern)
  if (open < 0) {
    into.push(pattern)
    if (into.length > alternativesMax)
      throw new Error(`Cannot use the pattern: its braces give more than ${alternativesMax} alternatives`)
    return
  }
  const { options, end } = splitBraces(pattern, open)
  for (const option of options) expandBraces(pattern.slice(0, open) + option + pattern.slice(end + 1), into)
}

function findOpen(pattern: string): number {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern[i] === '[') i = Math.max(i, classEnd(pattern, i))
    else if (pattern[i] === '{') return i
  }
  return -1
}

function splitBraces(pattern: string, open: number): { options: string[]; end: number } {
  const options: string[] = []
  let depth = 0
  let from = open + 1
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i]
    if (char === '\\') i++
    else if (char === '[') i = Math.max(i, classEnd(pattern, i))
    else if (char === '{') depth++
    else if (char === ',' && depth === 1) {
      options.push(pattern.slice(from, i))
      from = i + 1
    } else if (char === '}' && --depth === 0) {
      options.push(pattern.slice(from, i))
      return { options, end: i }
    }
  }
  throw new Error('Cannot use the pattern: "{" has no "}"')
}

/** The longest run of plain leading segments that all alternatives share. */
function commonBase(alternatives: readonly (readonly Segment[])[]): string {
  const first = alternatives[0] ?? []
  let length = first.findIndex((segment) => !segment.plain)
  if (length < 0) length = first.length
  for (const other of alternatives.slice(1)) {
    let i = 0
    while (i < length && other[i]?.plain && other[i]!.text === first[i]!.text) i++
    length = i
  }
  const names = first.slice(0, length).map((segment) => segment.text)
  return names.length === 1 && names[0] === '' ? '/' : names.join('/')
}
