import type { Diagnostic, SourceFile } from '@ingot/syntax'
import { link } from '../link/link.ts'
import { uniqueDiagnostics } from '../unique-diagnostics.ts'
import type { Graph, ImportNode } from '../node.ts'
import { Expansion } from './expansion.ts'

/** What the engine loaded for one import. */
export type LoadedImport =
  | { readonly kind: 'files'; readonly files: readonly SourceFile[]; readonly modulePath: string }
  | {
      readonly kind: 'module'
      /** Local name → key of the component, which the nodes carry. */
      readonly components: ReadonlyMap<string, string>
      /** The module's config components. */
      readonly files: readonly SourceFile[]
      readonly modulePath: string
    }
  /** It cannot be loaded, and that has been reported: its names are not. */
  | { readonly kind: 'failed' }

export interface ExpandInput {
  /** The files of one configuration. */
  readonly files: readonly SourceFile[]
  /** The value of `module_path` at the root. */
  readonly modulePath: string
  /** Full names of the components that need no import. */
  readonly components: ReadonlySet<string>
  /** Names of the standard library. */
  readonly globals: ReadonlySet<string>
  /** Functions that the stability level does not allow: `array.group_by`. */
  readonly unstableFunctions?: ReadonlySet<string>
  /** By the id of the import's node. */
  readonly imports: ReadonlyMap<string, LoadedImport>
}

export interface Expanded {
  readonly graph: Graph
  readonly diagnostics: readonly Diagnostic[]
  /** Imports without content: load them and expand again. Their blocks can be evaluated with this graph. */
  readonly neededImports: readonly ImportNode[]
}

/** Makes one flat graph of a configuration: custom components are replaced by their inside. */
export function expand(input: ExpandInput): Expanded {
  const expansion = new Expansion(input)
  expansion.root()
  const linked = link(expansion.nodes, input)
  return {
    graph: linked.graph,
    diagnostics: uniqueDiagnostics([...expansion.diagnostics, ...linked.diagnostics]),
    neededImports: expansion.neededImports,
  }
}
