const formats = new Map<string, Intl.DateTimeFormat>()
/** Zones whose formatter is kept; a configuration names few. */
const zonesMax = 100

/**
 * Seconds east of UTC of a time zone when its clocks show the local time `localSeconds` (counted as if it were UTC).
 * @throws when the zone is unknown.
 */
export function zoneOffsetSeconds(zone: string, localSeconds: number): number {
  // The offset depends on the instant, which depends on the offset: the second guess is right except within a change.
  const first = offsetAt(zone, localSeconds)
  return offsetAt(zone, localSeconds - first)
}

function offsetAt(zone: string, utcSeconds: number): number {
  const format = formats.get(zone) ?? createFormat(zone)
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(utcSeconds * 1000)) parts[type] = Number(value)
  const shown = Date.UTC(
    parts['year']!,
    parts['month']! - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  )
  return shown / 1000 - Math.floor(utcSeconds)
}

function createFormat(zone: string): Intl.DateTimeFormat {
  let format: Intl.DateTimeFormat
  try {
    const numeric = 'numeric'
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    })
  } catch {
    throw new Error(`Cannot use the time zone "${zone}": want an IANA name such as "Europe/Berlin"`)
  }
  if (formats.size >= zonesMax) formats.clear()
  formats.set(zone, format)
  return format
}
