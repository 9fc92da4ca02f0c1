import { capabilityDocument, capabilitySummary, scopeOf, type IndexLine } from '@ingot/manifest'
import { integrityOfHex } from '@ingot/trust'
import { rcompare } from 'semver'
import { capabilityDeltas } from '../log/project-index.ts'
import type { VersionDetail, VersionRecord } from '../storage/meta/version-store.ts'
import { componentSection, powersList } from './component-section.ts'
import { capabilityChips } from './home-page.ts'
import { html, type Html } from './html.ts'
import { dateOf, page } from './layout.ts'
import { renderMarkdown } from './markdown.ts'

/** Versions that the page lists; the index has them all. */
const versionsShownMax = 50

export interface ModuleContent {
  readonly shown: VersionDetail
  readonly versions: readonly VersionRecord[]
  readonly latest: string
  /** Where clients reach the registry. */
  readonly registryUrl: string
  readonly publishKeyId: string
  readonly rootFingerprint: string
}

/** `/@s/n`: what a module is, how it is used, and what it may do. */
export function modulePage(content: ModuleContent): string {
  const { shown, latest } = content
  const { manifest } = shown
  const [scope, name] = [scopeOf(manifest.name), manifest.name.slice(manifest.name.indexOf('/') + 1)]
  const namespace = name.replaceAll('-', '_')
  return page({
    title: `${manifest.name} ${shown.version} · Ingot registry`,
    description: manifest.description,
    search: true,
    body: html`<div class="head">
        <h1><span class="scope">${scope}/</span>${name}</h1>
        <div class="row">
          <span class="chip accent">${shown.version}</span
          >${statusChip(shown, latest)}${capabilityChips(manifest)}${manifest.kind === 'native' && html`<span class="chip bad">native code</span>`}
        </div>
        <p class="lead soft">${manifest.description}</p>
      </div>
      <div class="columns">
        <div class="main">
          ${useSection(content, namespace)}
          <section id="capabilities">
            <h2>What it may do</h2>
            ${powersList(capabilityDocument(manifest))}
          </section>
          ${
            manifest.components.length > 0 &&
            html`<section id="components">
              <h2>Components</h2>
              ${manifest.components.map((component) => componentSection(component, namespace))}
            </section>`
          }
          ${
            manifest.configs.length > 0 &&
            html`<section id="configs">
              <h2>Configurations</h2>
              <p>${manifest.configs.map((config) => html`<code>${config}</code> `)}</p>
            </section>`
          }
          ${
            shown.readme !== undefined &&
            html`<section id="readme">
              <h2>About</h2>
              <div class="prose">${renderMarkdown(shown.readme)}</div>
            </section>`
          }
        </div>
        <aside class="side">${facts(content)}${versionList(content)}${origin(content)}</aside>
      </div>`,
  })
}

function statusChip(shown: VersionDetail, latest: string): Html | undefined {
  if (shown.status !== 'active') return html`<span class="chip bad">${shown.status}</span>`
  if (shown.version === latest) return html`<span class="chip info">latest</span>`
  return html`<a class="chip warn" href="/${shown.manifest.name}">latest is ${latest}</a>`
}

function useSection({ shown, registryUrl, rootFingerprint }: ModuleContent, namespace: string): Html {
  const { manifest } = shown
  const scope = scopeOf(manifest.name)
  const snippet = `registry "${scope.slice(1)}" {
  url    = "${registryUrl}"
  scopes = ["${scope}"]
  root   = "${rootFingerprint}"
}
import.module "${namespace}" {
  module  = "${manifest.name}"
  version = "^${shown.version}"
}`
  return html`<section id="use">
    <h2>Use it</h2>
    <div class="snippet">
      <button type="button" hidden>Copy</button>
      <pre><code>${snippet}</code></pre>
    </div>
    <p class="small soft">
      Then pin it: <code>ingot module add ${manifest.name}@^${shown.version} --config main.alloy</code>
    </p>
  </section>`
}

function facts({ shown }: ModuleContent): Html {
  const { manifest } = shown
  const { source } = manifest
  return html`<section>
    <h2>Facts</h2>
    <dl>
      <dt>Licence</dt>
      <dd>${manifest.license}</dd>
      <dt>Published</dt>
      <dd>${dateOf(shown.publishedAt)}</dd>
      <dt>By</dt>
      <dd>${shown.publisher}</dd>
      <dt>Size</dt>
      <dd class="number">${kibibytes(shown.sizeBytes)} packed, ${kibibytes(shown.unpackedBytes)} unpacked</dd>
      ${
        source !== undefined &&
        html`<dt>Source</dt>
          <dd><a href="${source}" rel="nofollow ugc noopener">${source.replace(/^https:\/\//, '')}</a></dd>`
      }
    </dl>
  </section>`
}

function versionList({ shown, versions }: ModuleContent): Html {
  const sorted = [...versions].sort((a, b) => rcompare(a.version, b.version))
  const deltas = capabilityDeltas(
    versions.map(({ version, manifest }) => ({ version, capabilities: capabilitySummary(manifest) })),
  )
  const items = sorted.slice(0, versionsShownMax).map((version) => {
    const current = version.version === shown.version
    return html`<li>
      <a href="/${version.manifest.name}/${version.version}" ${current && html`aria-current="page"`}
        >${version.version}</a
      >
      <span class="faint">${dateOf(version.publishedAt)}</span>
      ${deltaChips(deltas.get(version.version))}
    </li>`
  })
  const more = sorted.length - versionsShownMax
  return html`<section>
    <h2>Versions</h2>
    <ul class="versions">
      ${items}
    </ul>
    ${more > 0 && html`<p class="small faint">and ${more} older ones</p>`}
  </section>`
}

function deltaChips(delta: IndexLine['caps']['delta'] | undefined): Html | undefined {
  if (!delta || delta.added.length + delta.removed.length === 0) return undefined
  return html`<span class="delta"
    >${delta.added.map((line) => html`<span class="chip bad">+ ${line}</span>`)}${delta.removed.map((line) => html`<span class="chip good">− ${line}</span>`)}</span
  >`
}

function origin({ shown, publishKeyId }: ModuleContent): Html {
  const base = `/m/${shown.manifest.name}/${shown.version}`
  return html`<section>
    <h2>Integrity</h2>
    <p class="digest mono">${integrityOfHex('sha512', shown.sha512)}</p>
    <p class="small">
      Signed by this registry's key <span class="mono" title="${publishKeyId}">${publishKeyId.slice(0, 12)}…</span>
    </p>
    <p class="small row">
      <a href="${base}/bundle.json">Statement</a><a href="${base}/manifest.json">Manifest</a
      ><a href="/blobs/sha512/${shown.sha512}">Download</a>
    </p>
  </section>`
}

function kibibytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KiB`
}
