import type { CapabilityRequest } from '@ingot/sdk'
import { Secret } from '@ingot/sdk'
import type { ArgumentPath, ArgumentsFrame } from '@ingot/sdk/host'

/** Values that one argument path may designate: more than any real target list, less than what would hurt. */
const designatedValuesMax = 100_000

/** What the user grants: by values, or whole (`true`) for capabilities that have no targets. */
export type Grant = Readonly<Record<string, readonly string[] | true>>

export interface Designation {
  /** Values of the arguments that the requests name with `from`. */
  readonly designated: readonly string[]
  /** Values that the manifest requests and the user grants. */
  readonly granted: readonly string[]
}

/**
 * What a component may reach: the values of the arguments that it declared, and what is requested as well as granted.
 * `tainted`: argument paths whose values come from untrusted components and so designate nothing.
 */
export function designation(
  capability: string,
  requests: readonly CapabilityRequest[],
  grant: Grant,
  frame: ArgumentsFrame,
  tainted: readonly ArgumentPath[] = [],
): Designation {
  const designated = new Set<string>()
  const taint = tainted.map((path) => JSON.stringify(path))
  for (const { from } of requests) {
    if (from !== undefined) collect(frame.value, from.split('.'), [], taint, designated)
  }
  const given = grant[capability] ?? grant[capability.replaceAll('.', '_')] ?? []
  const requested = requests.flatMap((request) => request.values ?? [])
  const granted =
    given === true ? requested : given.filter((value) => requested.some((pattern) => covers(pattern, value)))
  return { designated: [...designated], granted }
}

/** How many values of the arguments, defaults included, a capability's requests name. */
export function designatedCount(requests: readonly CapabilityRequest[], args: unknown): number {
  return designation('', requests, {}, { value: args, outputs: [], secrets: [] }).designated.length
}

/** Whether a requested pattern covers a granted value: it equals it, is `*`, or has a leading or trailing `*` that it fits. */
function covers(pattern: string, value: string): boolean {
  if (pattern === value || pattern === '*') return true
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1))
  const star = pattern.indexOf('*.')
  if (star >= 0) return value.startsWith(pattern.slice(0, star)) && value.endsWith(pattern.slice(star + 1))
  return pattern.endsWith('/') ? value.startsWith(pattern) : value.startsWith(`${pattern}/`)
}

/** Follows `endpoint.url` through blocks and lists of blocks. A map's key may hold dots, so the rest is tried whole first. */
function collect(
  value: unknown,
  path: readonly string[],
  at: ArgumentPath,
  taint: readonly string[],
  into: Set<string>,
): void {
  if (into.size >= designatedValuesMax || (taint.length > 0 && taint.includes(JSON.stringify(at)))) return
  if (Array.isArray(value)) {
    value.forEach((item, index) => collect(item, path, [...at, index], taint, into))
    return
  }
  if (path.length === 0) {
    if (typeof value === 'string' && value !== '') into.add(value)
    else if (value instanceof Secret) into.add(value.reveal())
    return
  }
  if (typeof value !== 'object' || value === null) return
  const record = value as Record<string, unknown>
  const whole = path.join('.')
  if (whole in record) collect(record[whole], [], [...at, whole], taint, into)
  else collect(record[path[0]!], path.slice(1), [...at, path[0]!], taint, into)
}
