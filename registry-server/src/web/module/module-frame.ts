import { scopeOf } from '@ingot/manifest'
import type { Asset } from '../assets/assets.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { capabilityChips } from '../parts/capability-chips.ts'
import { proofChips } from '../scope/proofs-part.ts'
import { ageOf } from '../parts/time.ts'
import { advisoriesAbout, pathOf, type ModuleView } from './read-module.ts'

/** Tabs of a module's pages: path behind the module's, and title. */
const tabs = {
  overview: ['', 'Overview'],
  docs: ['/docs', 'Docs'],
  capabilities: ['/capabilities', 'Capabilities'],
  versions: ['/versions', 'Versions'],
  files: ['/files', 'Files'],
  dependencies: ['/dependencies', 'Dependencies'],
  dependents: ['/dependents', 'Dependents'],
  security: ['/security', 'Security'],
} as const

export type ModuleTab = keyof typeof tabs

/** A page of a module: what every one of them says at its top, the tabs, and the tab's content. */
export function moduleFrame(view: ModuleView, tab: ModuleTab, body: Html, scripts: readonly Asset[] = []): string {
  const { manifest } = view.shown
  const title = tab === 'overview' ? '' : ` · ${tabs[tab][1]}`
  return page({
    title: `${manifest.name} ${view.shown.version}${title} · Ingot registry`,
    description: manifest.description,
    path: `${view.registryUrl.replace(/\/$/, '')}${pathOf(view)}${tabs[tab][0]}`,
    feed: { path: `/feeds/${view.name}.atom`, title: `What changes about ${view.name}` },
    search: true,
    scripts,
    body: html`${moduleHead(view)}${tabList(view, tab)}
      <div class="tab-body">${body}</div>`,
  })
}

function moduleHead(view: ModuleView): Html {
  const { name, shown, line, latest, proofs } = view
  const scope = scopeOf(name)
  return html`<div class="head">
    <h1><a class="scope" href="/${scope}">${scope}/</a><wbr />${name.slice(scope.length + 1)}</h1>
    <div class="row">
      <span class="chip accent">${shown.version}</span
      >${statusChip(line.status, shown.version, latest)}${capabilityChips(shown.manifest)}${shown.manifest.kind === 'native' && html`<span class="chip bad">native code</span>`}
      <span class="small faint">published ${ageOf(shown.publishedAt)} · ${shown.manifest.license}</span>
      ${proofChips(proofs)}
    </div>
    <p class="lead soft">${shown.manifest.description}</p>
    ${advisoryBanner(view)}${statusBanner(view)}
  </div>`
}

/** What is known to be wrong with the version that is shown, on each of its pages. */
function advisoryBanner(view: ModuleView): Html[] {
  return advisoriesAbout(view).map(
    ({ summary, fixed }) =>
      html`<p class="banner bad" role="alert">
        <strong>${summary}</strong> ${fixed.length > 0 && `It is mended in ${fixed.join(', ')}.`}
        <a href="${pathOf(view)}/security">More about it</a>
      </p>`,
  )
}

function statusChip(status: string, version: string, latest: string): Html | undefined {
  if (status !== 'active') return html`<span class="chip bad">${status}</span>`
  return version === latest ? html`<span class="chip info">latest</span>` : undefined
}

const statusTexts: Readonly<Record<string, string>> = {
  yanked:
    'This version has been withdrawn. It is still served to those who have pinned it, and chosen for nobody else.',
  quarantined: 'This version is in quarantine: it is not served.',
  tombstoned: 'The content of this version has been removed. Its name and digest stay, and are never used again.',
}

function statusBanner({
  name,
  line,
  shown,
  latest,
}: Pick<ModuleView, 'name' | 'line' | 'shown' | 'latest'>): Html | undefined {
  const reason = typeof line['reason'] === 'string' ? ` Reason: ${line['reason']}` : ''
  const text = statusTexts[line.status]
  if (text !== undefined) return html`<p class="banner bad" role="note">${text}${reason}</p>`
  const deprecated = line['deprecated']
  if (typeof deprecated === 'string') return html`<p class="banner warn" role="note">Deprecated: ${deprecated}</p>`
  if (shown.version === latest) return undefined
  return html`<p class="banner info" role="note">
    The newest version is <a href="/${name}">${latest}</a>. See
    <a href="/${name}/diff/${shown.version}...${latest}">what has changed</a>.
  </p>`
}

function tabList(view: ModuleView, shown: ModuleTab): Html {
  const base = pathOf(view)
  const { manifest, files } = view.shown
  const counts: Partial<Record<ModuleTab, number>> = {
    docs: manifest.components.length + manifest.functions.length,
    versions: view.lines.length,
    files: files.length,
    dependencies: Object.keys(manifest.dependencies).length,
  }
  const items = Object.entries(tabs).map(([tab, [path, title]]) => {
    const count = counts[tab as ModuleTab]
    return html`<li>
      <a href="${base}${path}" ${tab === shown && html`aria-current="page"`}
        >${title}${count !== undefined && html` <span class="count">${count}</span>`}</a
      >
    </li>`
  })
  return html`<nav class="tabs" aria-label="${view.name}">
    <ul>
      ${items}
    </ul>
  </nav>`
}
