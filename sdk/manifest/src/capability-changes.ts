/** How the powers of a version differ from those of the one before, in the lines of `capabilitySummary`. */
export interface CapabilityChanges {
  readonly added: readonly string[]
  /** Patterns that allow more than one that was there. */
  readonly widened: readonly { readonly from: string; readonly to: string }[]
  readonly removed: readonly string[]
}

/**
 * What is new, what allows more than it did, and what is gone. Every line that was not there counts, even one that a
 * wider pattern before it may have allowed: what `*` stands for is for each capability to say.
 */
export function capabilityChanges(before: readonly string[], after: readonly string[]): CapabilityChanges {
  const gone = before.filter((line) => !after.includes(line))
  const more = after.filter((line) => !before.includes(line))
  const widened = more.flatMap((to) => {
    const from = gone.find((line) => covers(to, line))
    return from === undefined ? [] : [{ from, to }]
  })
  return {
    added: more.filter((line) => !widened.some(({ to }) => to === line)),
    widened,
    removed: gone.filter((line) => !widened.some(({ to }) => covers(to, line))),
  }
}

/** Whether one line allows all that the other does: the same capability, and a pattern whose `*` takes the other in. */
function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true
  const [wideName, wideValue] = partsOf(wide)
  const [narrowName, narrowValue] = partsOf(narrow)
  if (wideName !== narrowName || !wideValue.includes('*')) return false
  return matches(wideValue.split('*'), narrowValue)
}

function partsOf(line: string): readonly [capability: string, value: string] {
  const space = line.indexOf(' ')
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
}

/** Whether a text consists of the parts, in their order, with anything in between. */
function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0]!
  const last = parts.at(-1)!
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}
