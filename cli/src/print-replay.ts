import { describeFrame, type DescribedFrame, type ReplayedStep } from '@ingot/engine'
import { endOf, firstDifference, type Difference, type ReplayedBatch } from './replayed-batches.ts'

/** Of one value on the terminal; `--json` has all of it. */
const shownMax = 4_000
/** Of one batch. */
const recordsShownMax = 20

/** `batch 3: deliver, 2 turns, 1 call, 12 records in, 12 out: same`. */
export function lineOf(batch: ReplayedBatch): string {
  const name = batch.batch === 0 ? batch.what : `batch ${batch.batch}`
  const { turns, calls, recordsIn, recordsOut } = countsOf(batch)
  const found = firstDifference(batch) ? 'different' : 'same'
  const lost = batch.steps.find(({ end }) => end === 'lost')
  const parts = [
    `${turns} ${turns === 1 ? 'turn' : 'turns'}`,
    `${calls} ${calls === 1 ? 'call' : 'calls'}`,
    `${recordsIn} records in`,
    `${recordsOut} out`,
    ...(lost ? [endOf('lost', lost.loss)] : []),
  ]
  return `${found === 'same' ? '✓' : '✗'} ${name}: ${parts.join(', ')}: ${found}\n`
}

function countsOf({ steps }: ReplayedBatch) {
  const said = steps.flatMap((step) => step.said.map(describeFrame))
  return {
    turns: steps.length,
    calls: said.filter(({ what }) => what === 'call' || what === 'syncCall').length,
    recordsIn: records(steps.map(({ step }) => describeFrame(step.frame)).filter(({ what }) => what === 'deliver')),
    recordsOut: records(said.filter(({ what }) => what === 'emit')),
  }
}

function records(frames: readonly DescribedFrame[]): number {
  return frames.reduce((sum, { content }) => sum + (recordsOf(content)?.length ?? 0), 0)
}

function recordsOf(content: unknown): readonly unknown[] | undefined {
  const found = (content as { readonly records?: unknown } | undefined)?.records
  return Array.isArray(found) ? found : undefined
}

export function jsonOf(batch: ReplayedBatch): object {
  const difference = firstDifference(batch)
  return {
    batch: batch.batch,
    what: batch.what,
    same: !difference,
    ...countsOf(batch),
    ...(difference && { difference }),
  }
}

export function printDifference({ expected, found }: Difference): string {
  return `  expected: ${print(expected)}\n  found:    ${print(found)}\n`
}

/** What goes in and comes out of one turn. */
export function describeStep({ step, said, end, loss }: ReplayedStep): string {
  const lines = [`→ ${print(describeFrame(step.frame))}`]
  for (const frame of said) lines.push(`← ${print(describeFrame(frame))}`)
  for (const frame of step.answers) lines.push(`→ ${print(describeFrame(frame))}`)
  if (end === 'lost') lines.push(`← ${endOf(end, loss)}`)
  return lines.map((line) => `  ${line}\n`).join('')
}

function print(what: DescribedFrame | string | undefined): string {
  if (what === undefined) return 'nothing'
  if (typeof what === 'string') return what
  const { what: kind, content } = what
  const shown = recordsOf(content)
  if (!shown) return content === undefined ? kind : `${kind} ${text(content)}`
  const lines = shown.slice(0, recordsShownMax).map((record) => `\n    ${text(record)}`)
  const more = shown.length > recordsShownMax ? `\n    and ${shown.length - recordsShownMax} more` : ''
  return `${kind} ${(content as { readonly type: string }).type}${lines.join('')}${more}`
}

/** As JSON: control codes of a hostile module stay escaped. */
function text(value: unknown): string {
  const json = JSON.stringify(value) ?? ''
  return json.length > shownMax ? `${json.slice(0, shownMax)}…` : json
}
