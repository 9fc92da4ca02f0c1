import {
  type AttributeStatement,
  type Diagnostic,
  evaluate,
  EvaluationError,
  fieldsOf,
  type ObjectValue,
  type Scope,
  type Value,
} from '@ingot/syntax'
import { modulePathName } from '../link/bind.ts'
import type { Binding, Graph, Node, NodeReference } from '../node.ts'
import type { EvaluatedAttribute } from './evaluated-block.ts'

/** What expressions see of a node. */
export interface SeenValue {
  readonly value: Value
  readonly provisional: boolean
}

/** Of all but the item of a foreach, which can be anything. */
export interface NodeValue extends SeenValue {
  readonly value: ObjectValue
}

export type SeenValues = (id: string) => SeenValue | undefined

export interface AttributeResult {
  readonly attribute: EvaluatedAttribute
  readonly status: 'ok' | 'waiting' | 'failed' | 'skipped'
  readonly diagnostic?: Diagnostic
  /** It calls functions of modules whose answers have been asked for. */
  readonly asked?: boolean
}

const noNames: Binding = { references: [], broken: false }

/** Evaluates single attributes of a graph's nodes. */
export class AttributeEvaluator {
  readonly #graph: Graph
  readonly #globals: ObjectValue
  readonly #values: SeenValues

  constructor(graph: Graph, globals: ObjectValue, values: SeenValues) {
    this.#graph = graph
    this.#globals = globals
    this.#values = values
  }

  /** @param owner the node whose block the attribute stands in */
  evaluate(statement: AttributeStatement, owner: Node): AttributeResult {
    const { text: name, span: nameSpan } = statement.name
    const expression = statement.value
    // Most are, and need no look at anything around them.
    if (expression.kind === 'literal') {
      return { attribute: { name, nameSpan, expression, value: expression.value, provisional: false }, status: 'ok' }
    }
    const { references, broken } = this.#graph.bindings.get(owner.id)!.get(statement) ?? noNames
    const seen = references.map(({ target }) => this.#values(target))
    const inputs = seen.some((value) => value?.provisional)
    const calls = { known: !inputs, unanswered: 0 }
    const result = (status: AttributeResult['status'], value?: Value, diagnostic?: Diagnostic): AttributeResult => {
      const provisional = inputs || calls.unanswered > 0
      const asked = calls.known && calls.unanswered > 0
      const attribute = { name, nameSpan, expression, value, provisional }
      return { attribute, status, ...(diagnostic && { diagnostic }), ...(asked && { asked }) }
    }
    if (broken) return result('failed')
    if (seen.includes(undefined)) return result('skipped')
    try {
      const value = evaluate(expression, this.#scope(owner, references, seen), owner.file, calls)
      // What a function will say is waited for: nothing starts with the empty value in its place.
      return result(calls.unanswered > 0 ? 'waiting' : 'ok', value)
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      const { diagnostic, certain } = error
      // With content that is not known yet, what fails on the empty value may well succeed on the real one.
      const maySucceed = (inputs || calls.unanswered > 0) && !certain && !misnamesField(diagnostic, references, seen)
      return maySucceed ? result('waiting') : result('failed', undefined, diagnostic)
    }
  }

  /** @param seen what each of the references stands for */
  #scope({ scope }: Node, references: readonly NodeReference[], seen: readonly (SeenValue | undefined)[]): Scope {
    return {
      resolve: ({ names, span }) => {
        const at = references.findIndex((reference) => reference.span.start === span.start)
        const found = seen[at]
        return found && { value: found.value, used: names.length - references[at]!.fields.length }
      },
      lookup: (name) => {
        if (name === modulePathName) return scope.modulePath
        const functions = scope.functions.functionsOf(name)
        if (functions && functions !== 'pending') return functions
        return Object.hasOwn(this.#globals, name) ? this.#globals[name] : undefined
      },
    }
  }
}

/** Whether an error is about an export that the component does not have, which no later content can put right. */
function misnamesField(
  { code }: Diagnostic,
  references: readonly NodeReference[],
  seen: readonly (SeenValue | undefined)[],
): boolean {
  if (code !== 'missing-field') return false
  return references.some(({ fields: [field] }, at) => {
    const fields = fieldsOf(seen[at]?.value ?? null)
    return fields !== undefined && field !== undefined && !Object.hasOwn(fields, field)
  })
}
