import type { TokenKind } from '../scan/token.ts'

type Opener = '{' | '(' | '['

/** The brackets that are open. Every operation is constant over time, whatever the brackets of a broken file look like. */
export class OpenBrackets {
  /** The depths at which brackets of each kind were opened, ascending. */
  readonly #depths: Readonly<Record<Opener, number[]>> = { '{': [], '(': [], '[': [] }
  readonly #all: readonly number[][] = Object.values(this.#depths)
  #depth = 0

  get depth(): number {
    return this.#depth
  }

  take(kind: TokenKind): void {
    if (kind === '{' || kind === '(' || kind === '[') this.#depths[kind].push(this.#depth++)
    else if (kind === '}') this.#close('{')
    else if (kind === ')') this.#close('(')
    else if (kind === ']') this.#close('[')
  }

  /** Forgets the brackets that were opened below a depth. */
  abandon(depth: number): void {
    for (const depths of this.#all) while ((depths.at(-1) ?? -1) >= depth) depths.pop()
    this.#depth = Math.min(this.#depth, depth)
  }

  hasBrace(since: number): boolean {
    return (this.#depths['{'].at(-1) ?? -1) >= since
  }

  /** A closer also closes what was left open inside of it; one without an opener closes nothing. */
  #close(opener: Opener): void {
    const depth = this.#depths[opener].at(-1)
    if (depth !== undefined) this.abandon(depth)
  }
}
