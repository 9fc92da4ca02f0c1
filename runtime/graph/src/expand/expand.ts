import type { Diagnostic, ObjectValue, SourceFile } from '@ingot/syntax'
import { link, type Linked } from '../link/link.ts'
import { uniqueDiagnostics } from '../unique-diagnostics.ts'
import type { Graph, ImportNode } from '../node.ts'
import { Expansion } from './expansion.ts'
import { expandUnused } from './expand-unused.ts'

/** What the engine loaded for one import. */
export type LoadedImport =
  | { readonly kind: 'files'; readonly files: readonly SourceFile[]; readonly modulePath: string }
  | {
      readonly kind: 'module'
      /** Local name → key of the component, which the nodes carry. */
      readonly components: ReadonlyMap<string, string>
      /** Local name → function. */
      readonly functions?: ObjectValue
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
  /** By the id of the foreach's node. One that is not among them has no items yet. */
  readonly items?: ReadonlyMap<string, ForeachItems>
}

/** What a foreach's arguments come to, as far as the graph depends on it. */
export interface ForeachItems {
  /** The name that the template sees its item by. */
  readonly variable: string | undefined
  /** Of the items, in their order. */
  readonly keys: readonly string[]
}

export interface Expanded {
  readonly graph: Graph
  readonly diagnostics: readonly Diagnostic[]
  /** Imports without content: load them and expand again. Their blocks can be evaluated with this graph. */
  readonly neededImports: readonly ImportNode[]
  /**
   * The bodies of declares and templates that nothing instantiates, as if something did whose arguments and items nobody
   * knows. The graph has the nodes of {@link Expanded.graph} too, which they may refer to; all else in it is of the bodies.
   */
  readonly unused: () => Linked
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
    unused: () => expandUnused(input, expansion),
  }
}
