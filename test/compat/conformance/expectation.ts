/** What is expected of one configuration: one line each. See README.md for the format. */
export interface Expectation {
  readonly accepted: boolean
  /** What components export while they run: `remote.vault.db` → `{data = {password = secret("…")}}`. */
  readonly given: readonly (readonly [string, string])[]
  /** `error 3:2 unknown-argument`: all of them, in reading order. */
  readonly diagnostics: readonly string[]
  /** `values.it.sum` → `3`. */
  readonly values: readonly (readonly [string, string])[]
  /** `prometheus.scrape.a scrape_interval` → `"1m"`. */
  readonly arguments: readonly (readonly [string, string])[]
  /** Every node, if told. */
  readonly nodes: readonly string[] | undefined
  /** `a -> b`: a is evaluated from b. */
  readonly references: readonly string[]
  /** The text as `ingot fmt` prints it; `same`: as it is. */
  readonly printed: string | undefined
}

/** @throws for a line that is none of the format */
export function parseExpectation(text: string): Expectation {
  const [head = '', ...tail] = text.split(/^printed\n/m)
  const found = {
    accepted: false,
    given: [] as [string, string][],
    diagnostics: [] as string[],
    values: [] as [string, string][],
    arguments: [] as [string, string][],
    nodes: undefined as string[] | undefined,
    references: [] as string[],
    printed: tail.length > 0 ? tail.join('printed\n') : undefined,
  }
  const [verdict, ...lines] = head.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  if (verdict !== 'accept' && verdict !== 'reject') throw new Error(`Cannot read an expectation: found "${verdict}"`)
  found.accepted = verdict === 'accept'
  for (const line of lines) {
    const [, kind, rest = ''] = /^(\w+)(?: (.*))?$/.exec(line) ?? []
    if (kind === 'error' || kind === 'warning') found.diagnostics.push(line)
    else if (kind === 'given') found.given.push(sides(rest))
    else if (kind === 'value') found.values.push(sides(rest))
    else if (kind === 'argument') found.arguments.push(sides(rest))
    else if (kind === 'nodes') found.nodes = rest.split(' ').filter(Boolean)
    else if (kind === 'refers') found.references.push(rest)
    else if (line === 'printed same') found.printed = 'same'
    else throw new Error(`Cannot read an expectation: "${line}" is none`)
  }
  return found
}

function sides(text: string): [string, string] {
  const at = text.indexOf(' = ')
  if (at < 0) throw new Error(`Cannot read an expectation: "${text}" has no " = "`)
  return [text.slice(0, at), text.slice(at + 3)]
}
