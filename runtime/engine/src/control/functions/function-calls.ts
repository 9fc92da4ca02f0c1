import type { FunctionOutcome } from '@ingot/check'
import { LRUCache } from 'lru-cache'
import { createHash } from 'node:crypto'
import type { FunctionReply, FunctionsCode } from '../../lane/protocol.ts'

/** Answers that are remembered, and their bytes: a reload finds them again. */
const answersMax = 20_000
const answersBytesMax = 64 * 2 ** 20
/** Calls of one load, or of one change of exports. */
const callsMax = 10_000
/** Calls whose arguments are answers of others whose arguments are answers, and so on. */
const roundsMax = 32
/** Arguments of one call. What a function answers is bounded by its runner. */
const argumentBytesMax = 2 ** 20
/** Calls that take their runner with them, before a module is not asked again in the same load. */
const lossesMax = 3

/** Where functions run. */
export interface FunctionHost {
  /** @throws when nobody answers */
  ask(code: FunctionsCode, name: string, args: readonly unknown[]): Promise<FunctionReply>
  /** Ends what serves other modules. */
  keep(instances: readonly string[]): void
  close(): Promise<void>
}

interface OpenCall {
  readonly code: FunctionsCode
  readonly name: string
  readonly args: readonly unknown[]
}

/** How a module's functions have fared since the collector started. */
export interface FunctionFacts {
  /** Calls that were made: remembered answers are not counted. */
  readonly calls: number
  /** Those that the function refused or threw for, and those that have no answer. */
  readonly failed: number
}

/**
 * The calls that expressions make: what is known of their answers, and the answers that are still to be asked for. Functions
 * are pure, so that an answer holds for as long as the code is the same.
 */
export class FunctionCalls {
  readonly #host: FunctionHost
  readonly #answers = new LRUCache<string, FunctionOutcome>({
    max: answersMax,
    maxSize: answersBytesMax,
  })
  /** Calls without an answer: they are made again by the next load. */
  readonly #lost = new Map<string, FunctionOutcome>()
  #open = new Map<string, OpenCall>()
  #rounds = 0
  #made = 0
  readonly #facts = new Map<string, { calls: number; failed: number }>()

  constructor(host: FunctionHost) {
    this.#host = host
  }

  /** The answer, or that there is none. While that is not known it is noted to be asked for, and `undefined`. */
  outcome(code: FunctionsCode, name: string, args: readonly unknown[]): FunctionOutcome | undefined {
    const text = JSON.stringify(args, exact)
    if (text.length > argumentBytesMax) return { error: `its arguments have more than ${argumentBytesMax} bytes` }
    const key = createHash('sha256').update(`${code.room} ${code.sha256} ${name} ${text}`).digest('base64')
    const known = this.#answers.get(key) ?? this.#lost.get(`${code.id} ${key}`)
    if (known) return known
    if (this.#made + this.#open.size >= callsMax) return { error: `more than ${callsMax} calls are made at once` }
    if (this.#rounds >= roundsMax)
      return { error: `calls depend on each other more than ${roundsMax} times, or on more answers than are kept` }
    this.#open.set(key, { code, name, args })
    return undefined
  }

  /** Whether answers are to be asked for. */
  get open(): boolean {
    return this.#open.size > 0
  }

  /** A load, or a change of exports, begins: its calls are counted anew. @param again asks again what had no answer */
  begin({ again }: { readonly again: boolean }): void {
    this.#open = new Map()
    this.#rounds = 0
    this.#made = 0
    if (again) this.#lost.clear()
  }

  /** Asks for all answers that are open: modules side by side, the calls of one after the other. */
  async ask(): Promise<void> {
    const open = this.#open
    this.#open = new Map()
    this.#rounds++
    this.#made += open.size
    const byInstance = Map.groupBy(open, ([, { code }]) => code.id)
    await Promise.all([...byInstance.values()].map((calls) => this.#askOne(calls)))
  }

  facts(instance: string): FunctionFacts {
    return this.#facts.get(instance) ?? { calls: 0, failed: 0 }
  }

  /** Forgets modules that are no longer imported. */
  keep(instances: ReadonlyMap<string, unknown>): void {
    for (const instance of this.#facts.keys()) if (!instances.has(instance)) this.#facts.delete(instance)
    this.#host.keep([...instances.keys()])
  }

  close(): Promise<void> {
    return this.#host.close()
  }

  async #askOne(calls: readonly (readonly [string, OpenCall])[]): Promise<void> {
    let losses = 0
    for (const [key, { code, name, args }] of calls) {
      if (losses >= lossesMax) {
        this.#lost.set(`${code.id} ${key}`, { error: `it is not asked after ${losses} calls without an answer` })
        continue
      }
      const reply = await this.#host.ask(code, name, args).catch((error: Error): FunctionReply => {
        return { error: error.message, lost: true }
      })
      this.#count(code.id, 'error' in reply)
      if ('lost' in reply && reply.lost) {
        losses++
        this.#lost.set(`${code.id} ${key}`, { error: reply.error })
      } else this.#answers.set(key, reply, { size: key.length + JSON.stringify(reply).length })
    }
  }

  #count(instance: string, failed: boolean): void {
    const facts = this.#facts.get(instance) ?? { calls: 0, failed: 0 }
    this.#facts.set(instance, { calls: facts.calls + 1, failed: facts.failed + (failed ? 1 : 0) })
  }
}

/** JSON has one zero and no infinity; calls with other numbers are other calls. */
function exact(_: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
  return { number: Object.is(value, -0) ? '-0' : String(value) }
}
