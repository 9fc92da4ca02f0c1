import type { LogFields, Logger } from '@ingot/sdk'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogSink = (level: LogLevel, message: string, fields: LogFields) => void

/** Lines a second, and at once: a component in an error loop must not fill the disk. */
const trustedRate = { perSecond: 100, burst: 1000, charactersMax: 16_384 }
const untrustedRate = { perSecond: 10, burst: 50, charactersMax: 1024 }

/** A logger that lets a bounded number of lines through and says how many it left out. */
export function createLogger(sink: LogSink, trusted: boolean, now: () => number = () => performance.now()): Logger {
  const rate = trusted ? trustedRate : untrustedRate
  let tokens = rate.burst
  let filledAt = now()
  let left = 0
  const write = (level: LogLevel, message: string, fields: LogFields = {}) => {
    const at = now()
    tokens = Math.min(rate.burst, tokens + ((at - filledAt) / 1000) * rate.perSecond)
    filledAt = at
    if (tokens < 1) {
      left++
      return
    }
    tokens--
    if (left > 0) {
      sink('warn', 'log lines left out: the component logs too fast', { lines: left })
      left = 0
    }
    sink(level, message.slice(0, rate.charactersMax), fields)
  }
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}
