import type { FunctionValue, ObjectValue } from '@ingot/syntax'
import type { FunctionNames } from '../node.ts'
import type { PlacedBlock } from './block-name.ts'

/** A `declare` block, with the names that its body sees. */
export interface Declare extends PlacedBlock {
  readonly name: string
  readonly environment: Environment
}

/** What an import brings under its label. */
export interface Namespace {
  /** False until the import is loaded: nothing can be said about its names then. */
  readonly loaded: boolean
  readonly declares: ReadonlyMap<string, Declare>
  /** Local name → key of the component. */
  readonly components: ReadonlyMap<string, string>
  /** Absent when there are none. */
  readonly functions?: ObjectValue | undefined
}

export type Resolution =
  | { readonly kind: 'declare'; readonly declare: Declare }
  | { readonly kind: 'code'; readonly component: string }
  | { readonly kind: 'pending' }
  /** `hiddenBy`: the declare or import that takes all names with this beginning. */
  | { readonly kind: 'unknown'; readonly hiddenBy?: string }

/**
 * The component names that blocks of one place can use: its own declares and imports, then those around it. A name whose
 * first part is a declare or an import hides all others that begin with that part. And the functions that its expressions can call.
 */
export class Environment implements FunctionNames {
  readonly modulePath: string
  readonly declares = new Map<string, Declare>()
  readonly namespaces = new Map<string, Namespace>()
  readonly #components: ReadonlyMap<string, string>
  readonly #outer: Environment | undefined
  readonly #functions: ObjectValue

  /**
   * @param components code components of this place alone; without an outer environment: of the distribution too
   * @param functions of this place alone
   */
  constructor(
    modulePath: string,
    components: ReadonlyMap<string, string>,
    outer?: Environment,
    functions: ObjectValue = {},
  ) {
    this.modulePath = modulePath
    this.#components = components
    this.#outer = outer
    this.#functions = functions
  }

  resolve(name: string): Resolution {
    const [first = '', ...rest] = name.split('.')
    const declare = this.declares.get(first)
    if (declare) {
      return rest.length === 0 ? { kind: 'declare', declare } : { kind: 'unknown', hiddenBy: `declare "${first}"` }
    }
    const namespace = this.namespaces.get(first)
    if (namespace) return inNamespace(namespace, rest.join('.'))
    const component = this.#components.get(name)
    if (component !== undefined) return { kind: 'code', component }
    return this.#outer?.resolve(name) ?? { kind: 'unknown' }
  }

  functionsOf(name: string): ObjectValue | FunctionValue | 'pending' | undefined {
    const namespace = this.namespaces.get(name)
    if (namespace) return namespace.loaded ? namespace.functions : 'pending'
    if (Object.hasOwn(this.#functions, name)) return this.#functions[name] as FunctionValue
    return this.#outer?.functionsOf(name)
  }

  *functionNames(): Generator<string> {
    for (const [label, { functions = {} }] of this.namespaces) {
      for (const name of Object.keys(functions)) yield `${label}.${name}`
    }
    yield* Object.keys(this.#functions)
    if (this.#outer) yield* this.#outer.functionNames()
  }

  /** Every name that {@link resolve} knows, for "did you mean". */
  *names(): Generator<string> {
    yield* this.declares.keys()
    for (const [label, namespace] of this.namespaces) {
      for (const name of namespace.declares.keys()) yield `${label}.${name}`
      for (const name of namespace.components.keys()) yield `${label}.${name}`
    }
    yield* this.#components.keys()
    if (this.#outer) yield* this.#outer.names()
  }
}

function inNamespace(namespace: Namespace, name: string): Resolution {
  if (!namespace.loaded) return { kind: 'pending' }
  const declare = namespace.declares.get(name)
  if (declare) return { kind: 'declare', declare }
  const component = namespace.components.get(name)
  return component === undefined ? { kind: 'unknown' } : { kind: 'code', component }
}
