import { uniqueDiagnostics } from '@ingot/graph'
import type { ExpandInput, Graph, GraphEvaluation, ImportNode, LiveExports, Node } from '@ingot/graph'
import {
  Capsule,
  diagnose,
  type Diagnostic,
  experimentalNames,
  type ObjectValue,
  type SourceFile,
  type Value,
} from '@ingot/syntax'
import { revealedSecrets } from './advice/revealed-secrets.ts'
import { unsetVariable } from './advice/unset-variable.ts'
import { unusedComponents } from './advice/unused-components.ts'
import { unusedImports } from './advice/unused-imports.ts'
import { decodeArguments } from './arguments/decode-arguments.ts'
import type { Advice } from './arguments/decoding.ts'
import { notYet } from './arguments/planned-body.ts'
import { evaluateItems } from './evaluate-items.ts'
import { staticExports } from './exports/static-exports.ts'
import type { ArgumentsFrame } from './frame.ts'
import { InstanceMistakes } from './instance-mistakes.ts'
import { type KnownManifest, KnownManifests, type ManifestSources } from './known-manifests.ts'
import { isStableEnough, type Stability } from './stability.ts'
import { unusedBodyMistakes } from './unused-bodies.ts'

export interface ValidateInput
  extends Pick<ExpandInput, 'files' | 'modulePath' | 'imports' | 'items'>, ManifestSources {
  /** The standard library. */
  readonly globals: ObjectValue
  /** The least stable level that may be used. */
  readonly stability: Stability
  /** Whether components that the community maintains may be used. */
  readonly community?: boolean
  /** Exports of components that run; the others show their static exports. */
  readonly live?: LiveExports
  /** Whether to tell also what is legal and surely not meant. */
  readonly advice?: boolean
}

export interface Validated {
  /** Of all nodes, in the order of the source. What the parser said of the files is not among them. */
  readonly diagnostics: readonly Diagnostic[]
  readonly graph: Graph
  readonly evaluation: GraphEvaluation
  /** Node → arguments, of the nodes that have all of them. */
  readonly frames: ReadonlyMap<string, ArgumentsFrame>
  /** Node → the errors in its own values: those of the others stand without it. */
  readonly evaluationErrors: ReadonlyMap<string, readonly Diagnostic[]>
  /** Not loaded yet: until they are, little is known of what uses them. */
  readonly neededImports: readonly ImportNode[]
}

/** Checks a whole configuration from manifests alone: nothing of it runs. */
export function validate(input: ValidateInput): Validated {
  const known = new KnownManifests(input)
  const unstable = input.stability === 'experimental' ? new Set<string>() : experimentalNames
  const globals = new Set(Object.keys(input.globals))
  const components = new Set([...input.components, ...(input.planned?.names ?? [])])
  const live = (graph: Graph) => liveOrStatic(graph, input, known)
  const expandInput = { ...input, components, globals, unstableFunctions: unstable }
  const evaluated = evaluateItems(expandInput, live, input.globals)
  const { evaluation } = evaluated
  const { graph, diagnostics, neededImports } = evaluated.expanded
  const { found: mistakes, frames, evaluationErrors } = checkNodes(evaluation, input, known)
  const found = [...diagnostics, ...mistakes]
  // What imports bring may instantiate more.
  const unused = neededImports.length === 0 ? evaluated.expanded.unused() : undefined
  if (unused) {
    const check = (bodies: GraphEvaluation) => checkNodes(bodies, { ...input, advice: false }, known).found
    found.push(...unusedBodyMistakes(unused, evaluated, live, input.globals, check))
  }
  if (input.advice) found.push(...unusedImports(graph, input), ...unusedComponents(graph, unused?.graph, frames, known))
  return { diagnostics: inSourceOrder(found, input.files), graph, evaluation, frames, evaluationErrors, neededImports }
}

/** The nodes that a graph's evaluation has evaluated. */
function checkNodes(evaluation: GraphEvaluation, input: ValidateInput, known: KnownManifests) {
  const { graph } = evaluation
  const found = new InstanceMistakes(graph)
  const frames = new Map<string, ArgumentsFrame>()
  const evaluationErrors = new Map<string, readonly Diagnostic[]>()
  for (const [id, result] of evaluation.results) {
    const node = graph.nodes.get(id)!
    const manifest = known.of(node)
    found.add(node, levelMistakes(node, manifest, input))
    addErrors(evaluationErrors, id, found.add(node, result.diagnostics))
    if (!manifest) continue
    const decoded = decodeArguments(manifest.arguments, result.block, {
      stability: input.stability,
      planned: manifest.alloy?.arguments,
      advice: input.advice ? adviceOn(evaluation, id, input) : undefined,
    })
    addErrors(evaluationErrors, id, found.add(node, decoded.diagnostics))
    const wrong = manifest.absent || decoded.diagnostics.some(({ severity }) => severity === 'error')
    if (result.status === 'ok' && !wrong && !decoded.waiting) frames.set(id, decoded.frame)
  }
  return { found: found.found, frames, evaluationErrors }
}

function adviceOn(evaluation: GraphEvaluation, id: string, { globals }: ValidateInput): Advice {
  const { revealed } = revealedSecrets(evaluation.graph, evaluation, id)
  return { revealed, unsetVariable: (expression) => unsetVariable(expression, globals) }
}

function addErrors(to: Map<string, readonly Diagnostic[]>, id: string, found: readonly Diagnostic[]): void {
  const errors = found.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) to.set(id, [...(to.get(id) ?? []), ...errors])
}

/** Live exports where there are some; else static ones, whose content is not known, unless all they have is receivers. */
function liveOrStatic(graph: Graph, { live }: ValidateInput, manifests: KnownManifests): LiveExports {
  const known = new Map<string, { readonly value: ObjectValue | undefined; readonly provisional: boolean }>()
  const fromManifest = (id: string) => {
    const before = known.get(id)
    if (before) return before
    const node = graph.nodes.get(id)
    const schema = node?.kind === 'component' ? manifests.of(node)?.exports : undefined
    const value = schema && staticExports(schema, id)
    const found = { value, provisional: value !== undefined && !isOnlyReceivers(value) }
    known.set(id, found)
    return found
  }
  return {
    exports: (id) => live?.exports(id) ?? fromManifest(id).value,
    provisional: (id) => {
      if (live?.exports(id) !== undefined) return live.provisional?.(id) ?? false
      return fromManifest(id).provisional
    },
  }
}

function isOnlyReceivers(value: Value): boolean {
  if (value instanceof Capsule) return value.kind === 'receiver'
  if (typeof value !== 'object' || value === null) return false
  // An empty list or map is content that is not known yet.
  const parts = Object.values(value)
  return parts.length > 0 && parts.every(isOnlyReceivers)
}

/** Of the language's own blocks only this one is not stable. */
const foreachLevel: Stability = 'experimental'

/** A component or block that may not be used, or that should not. */
function levelMistakes(node: Node, manifest: KnownManifest | undefined, input: ValidateInput): Diagnostic[] {
  const { name, file, block } = node
  const place = { file, span: block.head }
  if (node.kind === 'foreach' && !isStableEnough(foreachLevel, input.stability)) {
    const message = `Cannot use ${name}: its stability is ${foreachLevel}, want ${input.stability}`
    return [diagnose('unstable-feature', place, message, { level: foreachLevel })]
  }
  if (!manifest) return []
  const found: Diagnostic[] = []
  const { stability: level, community, absent } = manifest
  // Imports are checked by who loads them.
  if (absent && node.kind !== 'import')
    found.push(diagnose('not-yet-available', place, `Cannot use ${name}: ${notYet}`))
  if (community && !input.community) {
    const message = `Cannot use ${name}: the community maintains it, and its components are not allowed`
    found.push(diagnose('community-component', place, message))
  }
  if (!community && !isStableEnough(level, input.stability)) {
    const message = `Cannot use ${name}: its stability is ${level}, want ${input.stability}`
    found.push(diagnose('unstable-feature', place, message, { level }))
  }
  if (input.advice && manifest.arguments['deprecated'] === true) {
    found.push(diagnose('deprecated-component', place, `Should not use ${name}: it is deprecated`))
  }
  return found
}

function inSourceOrder(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const order = new Map(files.map((file, index) => [file.name, index]))
  return uniqueDiagnostics(diagnostics).toSorted((a, b) => {
    const byFile = (order.get(a.file) ?? files.length) - (order.get(b.file) ?? files.length)
    return byFile || a.file.localeCompare(b.file) || (a.span?.start ?? 0) - (b.span?.start ?? 0)
  })
}
