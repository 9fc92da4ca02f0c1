import type { Comment, SourceFile, Span } from '../ast.ts'
import { align, type Line } from './align.ts'

/**
 * White space that is decided before the text after it is known. `cell` ends an aligned cell; `break` is a newline that
 * also ends the alignment.
 */
export type Space = 'blank' | 'cell' | 'newline' | 'break' | 'indent' | 'unindent'

/** Newlines in a row: one blank line at most. */
const NEWLINES_MAX = 2

/** Takes the text of a file piece by piece, and puts the comments between the pieces where they were. */
export class Writer {
  readonly #lines: Line[] = []
  readonly #comments: readonly Comment[]
  readonly #lineStarts: readonly number[]
  #nextComment = 0
  #current: Line = emptyLine()
  #pending: Space[] = []
  #indent = 0
  /** The line of the source where the last piece ended. */
  #sourceLine = 1
  /** Newlines inside of pieces. */
  #innerLines = 0

  constructor(file: SourceFile) {
    this.#comments = file.comments
    this.#lineStarts = [0, ...Array.from(file.text.matchAll(/\n/g), (match) => match.index + 1)]
  }

  /** The number of the line of output that is being written. */
  get line(): number {
    return this.#lines.length + this.#innerLines
  }

  /** The line of the source that an offset is on. */
  sourceLine(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#lineStarts[middle]! <= offset) low = middle
      else high = middle
    }
    return low + 1
  }

  space(...spaces: readonly Space[]): void {
    this.#pending.push(...spaces)
  }

  /** @param span where the piece stands in the source; absent for a piece on the line of the one before it */
  write(text: string, span?: Span): void {
    if (span && this.#commentBefore(span.start)) this.#placeComments(span.start)
    else this.#applyPending()
    this.#append(text)
    if (span) this.#sourceLine = this.sourceLine(Math.max(span.start, span.end - 1))
  }

  /** The whole text: with one newline at its end, unless it is empty. */
  finish(): string {
    if (this.#commentBefore(Infinity)) this.#placeComments(Infinity)
    if (!isEmpty(this.#current)) this.#endLine(true)
    return align(this.#lines)
  }

  #append(text: string): void {
    if (isEmpty(this.#current)) this.#current.indent = this.#indent
    this.#current.text += text
    this.#innerLines += text.split('\n').length - 1
  }

  #endLine(endsRun: boolean): void {
    const blank = isEmpty(this.#current)
    // A second blank line, and one at the top of the file, are left out.
    if (blank && (this.#lines.length === 0 || isEmpty(this.#lines.at(-1)!))) return
    this.#lines.push({ ...this.#current, endsRun: endsRun || blank })
    this.#current = emptyLine()
  }

  #endCell(): void {
    this.#current.cells.push(this.#current.text)
    this.#current.text = ''
  }

  #applyPending(): void {
    for (const [index, space] of this.#pending.entries()) {
      if (space === 'indent') this.#indent++
      else if (space === 'unindent') this.#indent--
      else if (space === 'newline' || space === 'break') this.#endLine(space === 'break')
      else if (space === 'cell') this.#endCell()
      else if (!this.#pending.slice(index).some((later) => later === 'newline' || later === 'break')) this.#append(' ')
    }
    this.#pending = []
  }

  #commentBefore(offset: number): boolean {
    const comment = this.#comments[this.#nextComment]
    return comment !== undefined && comment.start < offset
  }

  #placeComments(before: number): void {
    const nextLine = before === Infinity ? Infinity : this.sourceLine(before)
    let comment: Comment | undefined
    while (this.#commentBefore(before)) {
      comment = this.#comments[this.#nextComment++]!
      this.#separate(comment, nextLine)
      this.#append(comment.text.startsWith('//') ? comment.text.trimEnd() : comment.text)
      this.#sourceLine = this.sourceLine(comment.end - 1)
    }
    if (nextLine === Infinity) return
    if (nextLine === this.#sourceLine) this.#append(' ')
    this.#resume(nextLine)
  }

  /** Puts a comment beside the piece before it, or on a line of its own, as it was. */
  #separate(comment: Comment, nextLine: number): void {
    const line = this.sourceLine(comment.start)
    if (isEmpty(this.#current) && this.#lines.length === 0) return
    if (line === this.#sourceLine) {
      const last = this.sourceLine(comment.end - 1) < nextLine && !this.#current.text.includes('\n')
      if (last) this.#endCell()
      else this.#append(' ')
      return
    }
    this.#indentComment()
    this.#endLines(line - this.#sourceLine, true)
  }

  /** A comment is indented as what stands before it inside of the brackets, not as the bracket that closes them. */
  #indentComment(): void {
    while (this.#pending.length > 0 && this.#pending[0] !== 'unindent') {
      const space = this.#pending.shift()
      if (space === 'indent') this.#indent++
      if (space === 'newline' || space === 'break') return
    }
  }

  /** Goes on after comments: with as many newlines as the source has there, in place of those that were decided. */
  #resume(nextLine: number): void {
    const endsRun = this.#pending.includes('break')
    this.#pending = this.#pending.filter((space) => space === 'indent' || space === 'unindent')
    this.#applyPending()
    this.#endLines(nextLine - this.#sourceLine, endsRun)
  }

  #endLines(count: number, endsRun: boolean): void {
    for (let left = Math.min(count, NEWLINES_MAX); left > 0; left--) this.#endLine(endsRun)
  }
}

function emptyLine(): Line {
  return { indent: 0, cells: [], text: '', endsRun: false }
}

function isEmpty(line: Line): boolean {
  return line.cells.length === 0 && line.text === ''
}
