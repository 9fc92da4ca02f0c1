import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Between the file's name and the line's number. */
const linePattern = /^i(\d+) line (\d+)/

/** Numbered lines in one file for each instance, and which of them have arrived. */
export class LineBook {
  readonly #dir: string
  readonly #written: number[]
  readonly #missing: Set<number>[]
  arrived = 0
  repeated = 0

  constructor(dir: string, instances: number) {
    this.#dir = dir
    this.#written = Array.from({ length: instances }, () => 0)
    this.#missing = Array.from({ length: instances }, () => new Set())
    for (let i = 0; i < instances; i++) writeFileSync(this.path(i), '')
  }

  path(instance: number): string {
    return join(this.#dir, `i${instance}.log`)
  }

  get written(): number {
    return this.#written.reduce((sum, each) => sum + each, 0)
  }

  /** Lines that have not arrived. */
  missing(instance: number): number {
    return this.#missing[instance]!.size
  }

  write(instance: number, lines: number, word = ''): void {
    let text = ''
    for (let i = 0; i < lines; i++) {
      const number = this.#written[instance]!++
      this.#missing[instance]!.add(number)
      text += `i${instance} line ${number} of a service that has little to say ${word}\n`
    }
    appendFileSync(this.path(instance), text)
  }

  /** @throws for a line that nobody has written. */
  arrive(line: string): void {
    const [, instance, number] = linePattern.exec(line)?.map(Number) ?? []
    if (instance === undefined || !(number! < this.#written[instance]!)) throw new Error(`Nobody wrote "${line}"`)
    if (this.#missing[instance]!.delete(number!)) this.arrived++
    else this.repeated++
  }
}
