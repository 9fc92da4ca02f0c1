import type { Diagnostic, ObjectValue } from '@ingot/syntax'
import type { Graph } from '../node.ts'
import type { EvaluatedBlock } from './evaluated-block.ts'
import { GraphEvaluation } from './graph-evaluation.ts'

/** What the components of the graph export. */
export interface LiveExports {
  /** `undefined`: nothing is known, not even types. What refers to the component has no value then. */
  exports(id: string): ObjectValue | undefined
  /** Whether the exports are only what the component shows before it has set any. */
  provisional?(id: string): boolean
}

export interface EvaluationOptions {
  /** The standard library. */
  readonly globals: ObjectValue
  /** Of the graph that this one refers to. */
  readonly around?: GraphEvaluation
}

export interface EvaluatedNode {
  readonly id: string
  /**
   * - `ok`: every attribute has a value.
   * - `waiting`: some have none before components have set their exports (`encoding.from_json` of a file not yet read), or
   *   functions of modules have answered.
   * - `failed`: an expression of its own has no value, for a reason in `diagnostics`.
   * - `skipped`: something that it depends on failed.
   */
  readonly status: 'ok' | 'waiting' | 'failed' | 'skipped'
  readonly block: EvaluatedBlock
  /** Of this node alone. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Evaluates every node in the order of their dependencies. All mistakes are collected. */
export function evaluateGraph(graph: Graph, live: LiveExports, options: EvaluationOptions): GraphEvaluation {
  return new GraphEvaluation(graph, live, options)
}
