/** What is wrong with a text that has a grammar, and where in it. */
export interface FormatMistake {
  /** What was found, and what is wanted. */
  readonly reason: string
  /** Offsets in UTF-16 code units, the end excluded. */
  readonly start: number
  readonly end: number
  /** A way out. */
  readonly advice?: string | undefined
  /** The text is legal, and surely not what is meant. */
  readonly doubtful?: boolean
}

/** A text that is not what its place wants. */
export class FormatError extends Error {
  override readonly name: string = 'FormatError'
  readonly mistake: FormatMistake

  /** @param action such as `Cannot read the selector` */
  constructor(action: string, text: string, mistake: FormatMistake) {
    super(`${action} "${text}": ${mistake.reason}`)
    this.mistake = mistake
  }
}

/** The check of a format that has a parser: what the parser throws for a text. */
export function mistakesOf(parse: (text: string) => unknown): (text: string) => FormatMistake | undefined {
  return (text) => {
    try {
      parse(text)
      return undefined
    } catch (error) {
      if (error instanceof FormatError) return error.mistake
      throw error
    }
  }
}
