import { grantBlock, scopeOf } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import type { ModuleView } from './read-module.ts'

/** The blocks to copy, and the command that pins what they name; nothing for what collectors bring along. */
export function useSection(view: ModuleView): Html | undefined {
  const { name, shown } = view
  if (hasNamesOfItsOwn(shown.manifest)) return undefined
  return html`<section id="use">
    <h2>Use it</h2>
    <div class="snippet">
      <button type="button" class="quiet" hidden>Copy</button>
      <pre tabindex="0"><code>${snippetOf(view)}</code></pre>
    </div>
    <p class="small soft">Then pin it: <code>ingot module add ${name}@^${shown.version} --config main.alloy</code></p>
  </section>`
}

/** Components of a distribution are written as they are called: nobody imports them. */
function hasNamesOfItsOwn({ components }: ModuleView['shown']['manifest']): boolean {
  return components.length > 0 && components.every(({ name }) => name.includes('.'))
}

/** The name under which a configuration imports a module, when it chooses no other. */
export function namespaceOf(name: string): string {
  return name.slice(name.indexOf('/') + 1).replaceAll('-', '_')
}

function snippetOf({ name, shown, registryUrl, rootFingerprint }: ModuleView): string {
  const scope = scopeOf(name)
  const grant = grantBlock(shown.manifest)
  return `registry "${scope.slice(1)}" {
  url    = "${registryUrl}"
  scopes = ["${scope}"]
  root   = "${rootFingerprint}"
}
import.module "${namespaceOf(name)}" {
  module  = "${name}"
  version = "^${shown.version}"${grant === undefined ? '' : `\n${grant}`}
}`
}
