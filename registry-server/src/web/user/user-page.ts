import type { SearchAnswer } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { moduleList } from '../parts/module-list.ts'
import { countText } from '../parts/sizes.ts'
import { dateOf } from '../parts/time.ts'

export interface UserContent {
  readonly name: string
  readonly since: string
  /** Those that the reader may see. */
  readonly scopes: readonly { readonly name: string; readonly role: string }[]
  readonly modules: Pick<SearchAnswer, 'items' | 'total' | 'next'>
}

/** `/~name`: somebody, their scopes and what those publish. */
export function userPage({ name, since, scopes, modules }: UserContent): string {
  return page({
    title: `${name} · Ingot registry`,
    description: `Scopes and modules of ${name}.`,
    search: true,
    body: html`<div class="head">
        <h1>${name}</h1>
        <p class="row small soft">
          <span>${countText(scopes.length, 'scope')}</span><span>${countText(modules.total, 'module')}</span
          ><span>here since ${dateOf(since)}</span>
        </p>
      </div>
      <div class="columns">
        <section class="stack" aria-label="Modules">${moduleList(modules, `/~${name}`)}</section>
        <aside class="side" aria-label="Scopes">${scopesPart(scopes)}</aside>
      </div>`,
  })
}

function scopesPart(scopes: UserContent['scopes']): Html {
  return html`<section>
    <h2>Scopes</h2>
    ${
      scopes.length === 0
        ? html`<p class="small soft">None that are public.</p>`
        : html`<ul class="rules small">
            ${scopes.map((scope) => html`<li><a href="/${scope.name}">${scope.name}</a>, ${scope.role}</li>`)}
          </ul>`
    }
  </section>`
}
