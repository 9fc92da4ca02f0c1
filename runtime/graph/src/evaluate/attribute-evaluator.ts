import {
  type AttributeStatement,
  type Diagnostic,
  evaluate,
  EvaluationError,
  type ObjectValue,
  type Scope,
  type Value,
} from '@ingot/syntax'
import { modulePathName, nodeNames } from '../link/bind.ts'
import type { Binding, Graph, ModuleScope, Node } from '../node.ts'
import type { EvaluatedAttribute } from './evaluated-block.ts'

/** What expressions see of a node. */
export interface NodeValue {
  readonly value: ObjectValue
  readonly provisional: boolean
}

export type NodeValues = (id: string) => NodeValue | undefined

export interface AttributeResult {
  readonly attribute: EvaluatedAttribute
  readonly status: 'ok' | 'waiting' | 'failed' | 'skipped'
  readonly diagnostic?: Diagnostic
}

/** Evaluates single attributes of a graph's nodes. */
export class AttributeEvaluator {
  readonly #graph: Graph
  readonly #globals: ObjectValue
  readonly #values: NodeValues

  constructor(graph: Graph, globals: ObjectValue, values: NodeValues) {
    this.#graph = graph
    this.#globals = globals
    this.#values = values
  }

  /** @param owner the node whose block the attribute stands in */
  evaluate(statement: AttributeStatement, owner: Node): AttributeResult {
    const binding = this.#graph.bindings.get(owner.id)!.get(statement)!
    const seen = binding.references.map(({ target }) => this.#values(target))
    const provisional = seen.some((value) => value?.provisional)
    const result = (status: AttributeResult['status'], value?: Value, diagnostic?: Diagnostic): AttributeResult => {
      const { text: name, span: nameSpan } = statement.name
      const attribute = { name, nameSpan, expression: statement.value, value, provisional }
      return { attribute, status, ...(diagnostic && { diagnostic }) }
    }
    if (binding.broken) return result('failed')
    if (seen.includes(undefined)) return result('skipped')
    try {
      return result('ok', evaluate(statement.value, this.#scope(owner.scope), owner.file))
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      // With the content of an export not known yet, what fails on the empty value may well succeed on the real one.
      return provisional && !misnamesField(error.diagnostic, binding, this.#values)
        ? result('waiting')
        : result('failed', undefined, error.diagnostic)
    }
  }

  #scope(scope: ModuleScope): Scope {
    const { nodes } = this.#graph
    return {
      resolve: (names) => {
        const used = nodeNames(names, scope, nodes)
        if (used === 0) return undefined
        const found = this.#values(scope.ids.get(names.slice(0, used).join('.'))!)
        return found && { value: found.value, used }
      },
      lookup: (name) => {
        if (name === modulePathName) return scope.modulePath
        return Object.hasOwn(this.#globals, name) ? this.#globals[name] : undefined
      },
    }
  }
}

/** Whether an error is about an export that the component does not have, which no later content can put right. */
function misnamesField({ code }: Diagnostic, { references }: Binding, values: NodeValues): boolean {
  if (code !== 'missing-field') return false
  return references.some(({ target, fields: [field] }) => {
    const node = values(target)
    return node !== undefined && field !== undefined && !Object.hasOwn(node.value, field)
  })
}
