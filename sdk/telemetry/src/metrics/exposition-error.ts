/** An exposition that cannot be read. `line` counts from 1. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError'
  readonly line: number

  constructor(line: number, found: string) {
    super(`Cannot read the metrics: line ${line}: ${found}`)
    this.line = line
  }
}
