import { maxSatisfying } from 'semver'
import { html, type Html } from '../html.ts'
import { capabilityNameChips } from '../parts/capability-chips.ts'
import { moduleFrame } from './module-frame.ts'
import type { DependencyTree } from './read-dependencies.ts'
import type { ModuleView } from './read-module.ts'

/** `/@s/n/dependencies`: what it brings along, and what that may do. */
export function dependenciesPage(view: ModuleView, tree: DependencyTree): string {
  const count = Object.keys(view.shown.manifest.dependencies).length
  return moduleFrame(
    view,
    'dependencies',
    count === 0
      ? html`<div class="empty">
          <h2>It stands alone</h2>
          <p class="soft">This version depends on no other module.</p>
        </div>`
      : html`<div class="stack">
          <p class="soft">As they would be chosen now. Each may do what it asks for itself; nothing is inherited.</p>
          ${treeList(tree)}
          ${tree.cut && html`<p class="banner warn" role="note">There is more: the tree is shown in part.</p>`}
        </div>`,
  )
}

function treeList({ nodes }: Pick<DependencyTree, 'nodes'>): Html {
  return html`<ul class="tree">
    ${nodes.map(
      ({ name, range, version, capabilities, nodes: below }) =>
        html`<li>
          <div class="row">
            ${
              version === undefined
                ? html`<strong>${name}</strong> <span class="chip bad">not found here</span>`
                : html`<a href="/${name}/${version}"><strong>${name}</strong> ${version}</a>
                    ${capabilityNameChips(capabilities)}`
            }
            <span class="small faint">wants ${range}</span>
          </div>
          ${below.length > 0 && treeList({ nodes: below })}
        </li>`,
    )}
  </ul>`
}

/** The version that a range would get of those that may be chosen. */
export function resolved(
  range: string,
  versions: readonly { readonly v: string; readonly status: string }[],
): string | undefined {
  const active = versions.filter(({ status }) => status === 'active').map(({ v }) => v)
  return maxSatisfying(active, range) ?? undefined
}
