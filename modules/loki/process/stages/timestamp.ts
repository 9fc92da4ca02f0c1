import { timeZone } from '@ingot/kits'
import { text } from '@ingot/sdk'
import { z } from 'zod'
import type { Entry } from '../entry.ts'
import type { Step, StepWorld } from '../step.ts'
import { compileTimeFormat, type Instant, type ParseTime } from './go-layout.ts'

/** Streams whose last timestamp is remembered; the one unused for longest is forgotten first. */
const streamsMax = 10_000

export const timestampStage = z.strictObject({
  source: z.string().min(1).describe('Extracted value that holds the time.'),
  format: text('time_layout')
    .min(1)
    .describe(
      'Format of the time: a name such as RFC3339 or UnixMs, or a layout of the reference time `Mon Jan 2 15:04:05 MST 2006`.',
    ),
  fallback_formats: z
    .array(text('time_layout'))
    .default([])
    .describe('Formats to try when the first one does not fit.'),
  location: timeZone().default('').describe('IANA name of the time zone of times that name none.'),
  action_on_failure: z
    .enum(['skip', 'fudge'])
    .default('fudge')
    .describe(
      'For a time that cannot be read: keep the time of reading (skip), or take the last one of the stream and one nanosecond (fudge).',
    ),
  action_on_duplicate_timestamp: z
    .enum(['keep', 'fudge'])
    .default('fudge')
    .describe('For the same time as the last one of the stream: keep it, or add a nanosecond.'),
})

interface Last {
  /** The time as it was read. */
  readonly parsed: Instant
  /** The time that the entry got. */
  readonly given: Instant
}

export function compileTimestamp(args: z.output<typeof timestampStage>, world: StepWorld): Step {
  const formats: ParseTime[] = [args.format, ...args.fallback_formats].map((format) =>
    compileTimeFormat(format, args.location),
  )
  const lasts = new Map<string, Last>()
  const remember = (key: string, last: Last) => {
    lasts.delete(key)
    lasts.set(key, last)
    if (lasts.size > streamsMax) lasts.delete(lasts.keys().next().value!)
  }
  const remembering = args.action_on_failure === 'fudge' || args.action_on_duplicate_timestamp === 'fudge'
  return (entry) => {
    const text = entry.extractedText(args.source)
    let parsed: Instant | undefined
    if (text !== undefined) for (const parse of formats) if ((parsed = parse(text, world.clock.now()))) break
    if (!remembering) {
      if (parsed) setTime(entry, parsed)
      return
    }
    const key = entry.labels.key
    const last = lasts.get(key)
    if (!parsed) {
      if (args.action_on_failure === 'skip' || !last) return
      const given = next(last.given)
      remember(key, { parsed: last.parsed, given })
      setTime(entry, given)
      return
    }
    const repeated = args.action_on_duplicate_timestamp === 'fudge' && last && isSame(last.parsed, parsed)
    const given = repeated ? next(last.given) : parsed
    remember(key, { parsed, given })
    setTime(entry, given)
  }
}

function setTime(entry: Entry, { seconds, nanos }: Instant): void {
  entry.seconds = seconds
  entry.nanos = nanos
}

function next({ seconds, nanos }: Instant): Instant {
  return nanos === 999_999_999 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos: nanos + 1 }
}

function isSame(a: Instant, b: Instant): boolean {
  return a.seconds === b.seconds && a.nanos === b.nanos
}
