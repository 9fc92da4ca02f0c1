import type { FormatMistake } from '../format-error.ts'

/** An IANA name of a time zone; nothing stands for UTC. */
export function checkTimeZone(text: string): FormatMistake | undefined {
  if (text === '') return undefined
  try {
    Intl.DateTimeFormat('en-US', { timeZone: text })
    return undefined
  } catch {
    const reason = `found "${text}", want an IANA name of a time zone such as "Europe/Berlin"`
    return { reason, start: 0, end: text.length }
  }
}
