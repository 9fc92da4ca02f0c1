import type { LogLevel } from '../lane/protocol.ts'

export interface LogSettings {
  readonly level: LogLevel
  readonly format: 'logfmt' | 'json'
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
export const defaultLogSettings: LogSettings = { level: 'info', format: 'logfmt' }

export type LogFieldValues = Readonly<Record<string, unknown>>

/** Lines that were logged before the settings were known wait for them, as many as this. */
const heldMax = 1_000

/** The collector's own log: one line per event on standard error, as the `logging` block wants it. */
export class CollectorLog {
  readonly #write: (line: string) => void
  /** Every line that is printed, for whoever passes it on. */
  onLine: ((line: string, timeMs: number, fields: LogFieldValues) => void) | undefined
  #settings: LogSettings | undefined
  #held: {
    readonly level: LogLevel
    readonly time: Date
    readonly message: string
    readonly fields: LogFieldValues
  }[] = []

  constructor(write: (line: string) => void = (line) => void process.stderr.write(line)) {
    this.#write = write
  }

  configure(settings: LogSettings): void {
    this.#settings = settings
    const held = this.#held
    this.#held = []
    for (const entry of held) this.#print(entry.level, entry.time, entry.message, entry.fields)
  }

  log(level: LogLevel, message: string, fields: LogFieldValues = {}): void {
    if (this.#settings) this.#print(level, new Date(), message, fields)
    else if (this.#held.length < heldMax) this.#held.push({ level, time: new Date(), message, fields })
  }

  #print(level: LogLevel, time: Date, message: string, fields: LogFieldValues): void {
    const settings = this.#settings!
    if (levels.indexOf(level) < levels.indexOf(settings.level)) return
    const entry = { ts: time.toISOString(), level, msg: message, ...fields }
    const line = settings.format === 'json' ? JSON.stringify(entry) : logfmt(entry)
    this.#write(`${line}\n`)
    this.onLine?.(line, time.getTime(), fields)
  }
}

function logfmt(entry: LogFieldValues): string {
  return Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${key}=${quote(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)))}`,
    )
    .join(' ')
}

function quote(text: string): string {
  return /^[^\s"=\\]+$/.test(text) ? text : JSON.stringify(text)
}
