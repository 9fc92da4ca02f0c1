import { evaluateGraph, expand, uniqueDiagnostics } from '@ingot/graph'
import type { ExpandInput, Graph, GraphEvaluation, ImportNode, LiveExports, Node } from '@ingot/graph'
import type { ComponentManifest, JsonSchema } from '@ingot/manifest'
import {
  Capsule,
  diagnose,
  type Diagnostic,
  experimentalNames,
  type ObjectValue,
  type SourceFile,
  type Value,
} from '@ingot/syntax'
import { decodeArguments } from './arguments/decode-arguments.ts'
import { staticExports } from './exports/static-exports.ts'
import type { Formats } from './formats.ts'
import type { ArgumentsFrame } from './frame.ts'

export type Stability = ComponentManifest['stability']
export type CheckedManifest = Pick<ComponentManifest, 'arguments' | 'exports' | 'stability'>

export interface ValidateInput extends Pick<ExpandInput, 'files' | 'modulePath' | 'imports'> {
  /** Full names of the components that need no import. */
  readonly components: ReadonlySet<string>
  /** The manifest of a component, by its full name or by the key that its import gave it. */
  manifest(component: string): CheckedManifest | undefined
  /** Schemas of config and import blocks, by block name. Blocks without one are evaluated only. */
  readonly configSchemas?: ReadonlyMap<string, JsonSchema>
  /** The standard library. */
  readonly globals: ObjectValue
  /** The least stable level that may be used. */
  readonly stability: Stability
  readonly formats?: Formats
  /** Exports of components that run; the others show their static exports. */
  readonly live?: LiveExports
}

export interface Validated {
  /** Of all nodes, in the order of the source. What the parser said of the files is not among them. */
  readonly diagnostics: readonly Diagnostic[]
  readonly graph: Graph
  readonly evaluation: GraphEvaluation
  /** Node → arguments, of the nodes that have all of them. */
  readonly frames: ReadonlyMap<string, ArgumentsFrame>
  /** Not loaded yet: until they are, little is known of what uses them. */
  readonly neededImports: readonly ImportNode[]
}

/** Checks a whole configuration from manifests alone: nothing of it runs. */
export function validate(input: ValidateInput): Validated {
  const unstable = input.stability === 'experimental' ? new Set<string>() : experimentalNames
  const globals = new Set(Object.keys(input.globals))
  const { graph, diagnostics, neededImports } = expand({ ...input, globals, unstableFunctions: unstable })
  const found = [...diagnostics]
  const evaluation = evaluateGraph(graph, liveOrStatic(graph, input), { globals: input.globals })
  found.push(...evaluation.diagnostics)
  const frames = new Map<string, ArgumentsFrame>()
  for (const node of graph.nodes.values()) {
    found.push(...tooUnstable(node, input))
    const schema = argumentsSchema(node, input)
    const result = evaluation.results.get(node.id)
    if (!schema || !result) continue
    const decoded = decodeArguments(schema, result.block, input.formats)
    found.push(...decoded.diagnostics)
    const wrong = decoded.diagnostics.some(({ severity }) => severity === 'error')
    if (result.status === 'ok' && !wrong && !decoded.waiting) frames.set(node.id, decoded.frame)
  }
  return { diagnostics: inSourceOrder(found, input.files), graph, evaluation, frames, neededImports }
}

function argumentsSchema(node: Node, input: ValidateInput): JsonSchema | undefined {
  if (node.kind === 'component') return input.manifest(node.component)?.arguments
  return node.kind === 'config' || node.kind === 'import' ? input.configSchemas?.get(node.name) : undefined
}

/** Live exports where there are some; else static ones, whose content is not known, unless all they have is receivers. */
function liveOrStatic(graph: Graph, { manifest, live }: ValidateInput): LiveExports {
  const known = new Map<string, ObjectValue | undefined>()
  const fromManifest = (id: string): ObjectValue | undefined => {
    if (known.has(id)) return known.get(id)
    const node = graph.nodes.get(id)
    const schema = node?.kind === 'component' ? manifest(node.component)?.exports : undefined
    const value = schema && staticExports(schema, id)
    known.set(id, value)
    return value
  }
  return {
    exports: (id) => live?.exports(id) ?? fromManifest(id),
    provisional: (id) => {
      if (live?.exports(id) !== undefined) return live.provisional?.(id) ?? false
      const value = fromManifest(id)
      return value !== undefined && !isOnlyReceivers(value)
    },
  }
}

function isOnlyReceivers(value: Value): boolean {
  if (value instanceof Capsule) return value.kind === 'receiver'
  return typeof value === 'object' && value !== null && Object.values(value).every(isOnlyReceivers)
}

const levels: readonly Stability[] = ['experimental', 'public-preview', 'generally-available']

function tooUnstable(node: Node, input: ValidateInput): Diagnostic[] {
  if (node.kind !== 'component') return []
  const level = input.manifest(node.component)?.stability
  if (level === undefined || levels.indexOf(level) >= levels.indexOf(input.stability)) return []
  const message = `Cannot use ${node.name}: its stability is ${level}, want ${input.stability}`
  return [diagnose('unstable-feature', { file: node.file, span: node.block.head }, message, { level })]
}

function inSourceOrder(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const order = new Map(files.map((file, index) => [file.name, index]))
  return uniqueDiagnostics(diagnostics).toSorted((a, b) => {
    const byFile = (order.get(a.file) ?? files.length) - (order.get(b.file) ?? files.length)
    return byFile || a.file.localeCompare(b.file) || (a.span?.start ?? 0) - (b.span?.start ?? 0)
  })
}
