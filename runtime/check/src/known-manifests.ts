import type { Node } from '@ingot/graph'
import type { ComponentManifest, JsonSchema } from '@ingot/manifest'
import type { PlannedComponents } from './planned/planned-components.ts'

export interface CheckedManifest extends Pick<ComponentManifest, 'arguments' | 'exports' | 'stability'> {
  /** Maintained by the community: of no stability, used only where that is allowed. */
  readonly community?: boolean
}

export interface ManifestSources {
  /** Full names of the components that need no import. */
  readonly components: ReadonlySet<string>
  /** The manifest of a component, by its full name or by the key that its import gave it. */
  manifest(component: string): CheckedManifest | undefined
  /** What Alloy has beyond that: using it is an error that says so, and is checked like the rest. */
  readonly planned?: PlannedComponents
  /** Schemas of config and import blocks, by block name. Blocks without one are evaluated only. */
  readonly configSchemas?: ReadonlyMap<string, JsonSchema>
}

/** What is known of a node's component or block. */
export interface KnownManifest extends CheckedManifest {
  /** Only Alloy has it. */
  readonly absent: boolean
  /** As Alloy has it. */
  readonly alloy: CheckedManifest | undefined
}

/** Manifests of what there is, else of what Alloy has. */
export class KnownManifests {
  readonly #sources: ManifestSources
  readonly #components = new Map<string, KnownManifest | undefined>()

  constructor(sources: ManifestSources) {
    this.#sources = sources
  }

  of(node: Node): KnownManifest | undefined {
    if (node.kind === 'component') {
      const name = node.component
      if (!this.#components.has(name)) this.#components.set(name, this.#component(name))
      return this.#components.get(name)
    }
    return node.kind === 'config' || node.kind === 'import' ? this.#block(node.name) : undefined
  }

  #component(name: string): KnownManifest | undefined {
    const { components, planned } = this.#sources
    const alloy = planned?.manifest(name)
    const own = this.#sources.manifest(name)
    if (own) return { ...own, absent: false, alloy }
    return components.has(name) || !alloy ? undefined : { ...alloy, absent: true, alloy }
  }

  #block(name: string): KnownManifest | undefined {
    const alloy = this.#sources.planned?.block(name)
    const own = this.#sources.configSchemas?.get(name)
    if (own) return { arguments: own, exports: {}, stability: 'generally-available', absent: false, alloy }
    return alloy && { ...alloy, absent: true, alloy }
  }
}
