import type { FormatMistake } from '../format-error.ts'

const named =
  /^(?:ANSIC|UnixDate|RubyDate|RFC822Z?|RFC850|RFC1123Z?|RFC3339(?:Nano)?|Kitchen|Stamp(?:Milli|Micro|Nano)?|Unix(?:Ms|Us|Ns)?)$/

/** Any digit from 1 to 6 is a part of the reference time, alone or with others: `2006`, `01`, `15`; so are these words. */
const element = /[1-6]|Jan|Mon|MST|PM|pm|Z07|-07|002/

/** What other tools write, longer ones first, and what a layout of Go has for it. */
const others: readonly (readonly [RegExp, string])[] = [
  [/%Y|yyyy|YYYY/g, '2006'],
  [/%m|MM/g, '01'],
  [/%d|dd|DD/g, '02'],
  [/%H|HH|hh/g, '15'],
  [/%M|mm/g, '04'],
  [/%S|ss/g, '05'],
  [/%f|SSS/g, '000'],
  [/%z|ZZ?/g, '-0700'],
  [/'T'/g, 'T'],
]

/**
 * A name or layout of Go's reference time. Every text is one; but a text without any of its parts reads no time, and is
 * surely written for another tool.
 */
export function checkTimeLayout(text: string): FormatMistake | undefined {
  if (text === '' || named.test(text) || element.test(text)) return undefined
  const meant = others.reduce((layout, [theirs, ours]) => layout.replace(theirs, ours), text)
  return {
    reason: 'no part of it is read as time: want a layout of the reference time "Mon Jan 2 15:04:05 MST 2006"',
    start: 0,
    end: text.length,
    advice: element.test(meant) ? `write "${meant}"` : undefined,
    doubtful: true,
  }
}
