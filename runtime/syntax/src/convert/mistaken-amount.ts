import { parseDuration } from './duration.ts'
import { parseSize } from './size.ts'

/** What was probably meant by a text that is no duration or size, and where it stops to be one. */
export interface MistakenAmount {
  readonly advice?: string
  readonly place: { readonly start: number; readonly end: number }
}

/** Units that people write and durations do not have: the unit that they have instead, and how many of it. */
const otherUnits: Readonly<Record<string, readonly [number, string]>> = {
  d: [24, 'h'],
  day: [24, 'h'],
  w: [168, 'h'],
  week: [168, 'h'],
  y: [8760, 'h'],
  year: [8760, 'h'],
  hr: [1, 'h'],
  hour: [1, 'h'],
  min: [1, 'm'],
  minute: [1, 'm'],
  sec: [1, 's'],
  second: [1, 's'],
  msec: [1, 'ms'],
  millisecond: [1, 'ms'],
}

export function mistakenDuration(text: string): MistakenAmount {
  const good = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?![a-zA-Zµμ]))*/.exec(text)![0].length
  const meant = text
    .toLowerCase()
    .replace(/(\d+(?:\.\d+)?)\s*([a-zµμ]*)\s*/g, (whole, number: string, unit: string) => {
      const known = otherUnits[unit] ?? otherUnits[unit.replace(/s$/, '')]
      if (known) return `${Number(number) * known[0]}${known[1]}`
      return unit === '' ? `${number}s` : whole.trim()
    })
  const isPlain = /^\d+$/.test(text)
  const advice = isPlain ? `give the unit, such as "${text}s"` : `write "${meant}"`
  return { place: restOf(text, good), ...(parseDuration(meant) !== undefined && meant !== text && { advice }) }
}

export function mistakenSize(text: string): MistakenAmount {
  const good = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i?B|B)(?![a-zA-Z]))*/.exec(text)![0].length
  const meant = text.replace(/(\d+(?:\.\d+)?)\s*([a-z]*)\s*/gi, (_, number: string, unit: string) => {
    const [, prefix = '', binary = ''] = /^([kmgtpe]?)(i?)b?$/i.exec(unit) ?? [undefined, unit]
    return `${number}${prefix.toUpperCase()}${binary.toLowerCase()}B`
  })
  const isPlain = /^\d+$/.test(text)
  const advice = isPlain ? `give the unit, such as "${text}B" or "${text}KiB"` : `write "${meant}"`
  return { place: restOf(text, good), ...(parseSize(meant) !== undefined && meant !== text && { advice }) }
}

/** The number and unit that cannot be read. */
function restOf(text: string, start: number): MistakenAmount['place'] {
  if (start === text.length) return { start: 0, end: text.length }
  const part = /^\s*[\d.]*\s*[a-zA-Zµμ]*/.exec(text.slice(start))![0]
  return { start, end: start + (part.length || text.length - start) }
}
