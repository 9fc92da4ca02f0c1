import { styleText } from 'node:util'
import type { ReviewedChange } from './review-changes.ts'

/** Newer versions that are told of one module: those closest to what was taken matter most. */
const rejectedMax = 10

/** Changes of a lock for people: each module, why newer versions were not taken, and what it may do more and less. */
export function changeLines(changes: readonly ReviewedChange[], color: boolean): string[] {
  if (changes.length === 0) return ['nothing changes']
  return changes.flatMap((change) => [headLine(change), ...whyLines(change), ...capabilityTable(change, color)])
}

function headLine({ module, from, to, wantedBy }: ReviewedChange): string {
  if (to === undefined) return `${module} ${from} is not needed any more`
  const [first] = wantedBy
  const why = first && first.length > 1 ? `, for ${first.join(' → ')}` : ''
  return from === undefined ? `${module} ${to} is new${why}` : `${module} ${from} → ${to}${why}`
}

function whyLines({ rejected, bypass, to }: ReviewedChange): string[] {
  const told = rejected.slice(0, rejectedMax).map(({ version, reason }) => `  not ${version}: ${reason}`)
  const rest = rejected.length > rejectedMax ? [`  and ${rejected.length - rejectedMax} others`] : []
  const loud = bypass === undefined ? [] : [`  ${to} is taken WITHOUT WAITING for its release age: it mends ${bypass}`]
  return [...loud, ...told, ...rest]
}

/** Red is more power, green is less; `!` marks what has to be accepted. */
function capabilityTable({ capabilities, increases, to }: ReviewedChange, color: boolean): string[] {
  const { added, widened, removed } = capabilities
  if (to === undefined) return []
  const red = (line: string, power: string): string =>
    paint('red', `  ${increases.includes(power) ? '!' : ' '} + ${line}`, color)
  return [
    ...added.map((line) => red(line, line)),
    ...widened.map((line) => red(`${line.to} (was ${line.from})`, line.to)),
    ...removed.map((line) => paint('green', `    - ${line}`, color)),
  ]
}

function paint(style: 'red' | 'green', text: string, color: boolean): string {
  return color ? styleText(style, text, { validateStream: false }) : text
}
