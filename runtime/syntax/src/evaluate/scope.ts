import type { Value } from '../value.ts'
import type { Reference } from './references.ts'

/** Where an expression finds the values of names. */
export interface Scope {
  /** The value of one name: an argument, a variable, a name of the standard library. */
  readonly lookup: (name: string) => Value | undefined
  /**
   * Resolves dotted names to nodes of a graph, and is asked before {@link Scope.lookup}. For `prometheus.remote_write.x
   * .receiver` it gets all four names and where they stand, and decides how many of them name a node: `used` of them, at least one. The
   * evaluator goes on from `value` with the remaining names as fields. `undefined` means that no prefix of the names is
   * a node, and `lookup` is asked for the first name.
   *
   * The names of a chain end at an index or a call: `a.b["c"].d` asks for `a`, `b`; a lone identifier asks for itself.
   */
  readonly resolve?: (chain: Reference) => { readonly value: Value; readonly used: number } | undefined
  /** What "did you mean" may suggest for a name, dotted or not, that was not found. */
  readonly suggest?: () => Iterable<string>
}
