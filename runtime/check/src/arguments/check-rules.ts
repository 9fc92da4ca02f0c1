import { brokenBy, type BodyMistake, namesOf, type Rule } from '@ingot/kits'
import { diagnose, literalSpan, nearest, type Span } from '@ingot/syntax'
import type { Shape } from '../schema.ts'
import { blockKind } from './find-block.ts'
import type { Decoding, ValuePlace } from './decoding.ts'
import { measured } from './is-default.ts'

/** An argument or block that a body gives. */
export interface Given {
  /** Its name, or the head of the block. */
  readonly span: Span
  /** Of arguments. */
  readonly at?: ValuePlace
  /** Its value is known, and of the right type. */
  readonly known: boolean
}

export interface CheckedBody {
  readonly shape: Shape
  readonly owner: string
  readonly head: Span
  readonly given: ReadonlyMap<string, Given>
  readonly values: ReadonlyMap<string, unknown>
  /** An argument or block is not known: perhaps it is the one that another one needs. */
  readonly misspelt: boolean
}

/** What the arguments and blocks of a body want of each other, as its schema says. */
export function checkRules(decoding: Decoding, body: CheckedBody): void {
  const rules = body.shape.raw['rules']
  if (!Array.isArray(rules)) return
  for (const rule of rules as Rule[]) {
    const names = namesOf(rule)
    if (names.some((name) => body.given.get(name)?.known === false)) continue
    const values = Object.fromEntries(names.map((name) => [name, effective(decoding, body, name)]))
    for (const mistake of brokenBy(rule, values)) {
      if (mistake.kind !== 'missing' || !body.misspelt) report(decoding, body, mistake)
    }
  }
}

/** The value that the component will see. */
function effective(decoding: Decoding, { shape, values }: CheckedBody, name: string): unknown {
  const property = shape.properties.get(name)
  const { raw, mark } = decoding.reader.shape(property ?? {})
  return measured(mark?.kind, values.has(name) ? values.get(name) : raw['default'])
}

function report(decoding: Decoding, body: CheckedBody, mistake: BodyMistake): void {
  const { argument, reason, kind } = mistake
  const { owner, head } = body
  // A default that does not fit is told where the other one is given.
  const name = body.given.has(argument) ? argument : (mistake.other ?? argument)
  const given = body.given.get(name)
  const set = `Cannot set "${name}" on ${owner}: ${reason}`
  switch (kind) {
    case 'missing':
      return reportMissing(decoding, body, mistake)
    case 'conflict':
      return reportConflict(decoding, body, mistake)
    case 'invalid':
      return decoding.report('invalid-value', spanOf(given, mistake) ?? head, set, {
        advice: adviceOf(decoding, body, mistake),
      })
    case 'doubtful': {
      if (!decoding.advice) return
      const message = `"${argument}" of ${owner} is surely not what is meant: ${reason}`
      return decoding.report('doubtful-value', spanOf(given, mistake) ?? head, message, { advice: mistake.advice })
    }
  }
}

function spanOf(given: Given | undefined, { place }: BodyMistake): Span | undefined {
  if (!given?.at) return given?.span
  return place ? literalSpan(given.at.expression, place) : given.at.expression.span
}

function adviceOf(decoding: Decoding, { shape, given, values }: CheckedBody, mistake: BodyMistake): string | undefined {
  const { advice, argument, choices = [] } = mistake
  const fallback = decoding.reader.shape(shape.properties.get(argument) ?? {}).raw['default']
  if (!given.has(argument) && fallback !== undefined) {
    return `"${argument}" is ${JSON.stringify(fallback)} where it is left out`
  }
  const value = values.get(argument)
  const near = typeof value === 'string' ? nearest(value, choices) : undefined
  return advice ?? (near && `did you mean "${near}"?`)
}

function reportMissing(decoding: Decoding, { shape, owner, head }: CheckedBody, mistake: BodyMistake): void {
  const { argument, reason } = mistake
  const kind = blockKind(decoding.reader, shape.properties.get(argument) ?? {})
  const message = `Cannot configure ${owner}: ${reason}`
  if (!kind) return decoding.report('missing-argument', head, message, { example: `${argument} = …` })
  const written = kind === 'enum_blocks' ? `${argument}.…` : argument
  decoding.report('missing-block', head, message, { example: `${written} { … }` })
}

/** At the later one of the two, which is the one that was added. */
function reportConflict(decoding: Decoding, { owner, given, head }: CheckedBody, mistake: BodyMistake): void {
  const { argument, other = '', mutual = false, reason } = mistake
  const [one, two] = [given.get(argument), given.get(other)]
  const swapped = mutual && one !== undefined && two !== undefined && one.span.start < two.span.start
  const [late, early] = swapped ? [two, one] : [one, two]
  const [lateName, earlyName] = swapped ? [other, argument] : [argument, other]
  const { file } = decoding
  const message = `Cannot set "${lateName}" on ${owner}: ${reason}`
  const diagnostic = diagnose('conflicting-arguments', { file, span: late?.span ?? head }, message)
  const related = early && [{ message: `"${earlyName}" is set here`, file, span: early.span }]
  decoding.diagnostics.push(related ? { ...diagnostic, related } : diagnostic)
}
