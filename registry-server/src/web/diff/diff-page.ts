import { encodePath } from '../../answers/encode-path.ts'
import type { VersionDiff } from '../../diff/diff-versions.ts'
import type { FileDiff } from '../../diff/diff-files.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { lineDiffs } from './line-diff.ts'
import { bytesText } from '../parts/sizes.ts'

export interface DiffContent {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly diff: VersionDiff
  readonly lines: readonly FileDiff[]
}

interface DiffSides {
  readonly name: string
  readonly from: string | undefined
  readonly to: string | undefined
  readonly diff: VersionDiff
  readonly lines: readonly FileDiff[]
}

/** `/@s/n/diff/a...b`: what is different, powers first. */
export function diffPage({ name, from, to, diff, lines }: DiffContent): string {
  const { capabilities, schema } = diff
  const increases = capabilities.added.length + capabilities.widened.length
  return page({
    title: `${name} ${from} → ${to} · Ingot registry`,
    description: `What changed in ${name} between ${from} and ${to}.`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="/${name}/versions">${name}</a></p>
        <h1>${from} → ${to}</h1>
        <p class="row">
          <span class="chip ${increases > 0 ? 'bad' : 'good'}"
            >${increases > 0 ? 'may do more' : 'may do no more'}</span
          >
          ${schema.some(({ breaking }) => breaking) && html`<span class="chip warn">breaks configurations</span>`}
          <a class="small" href="/${name}/diff/${to}...${from}">the other way round</a>
        </p>
      </div>
      ${diffSections({ name, from, to, diff, lines })}`,
  })
}

/** What is different, part by part. A side that is not public has no files to link to. */
export function diffSections({ name, from, to, diff, lines }: DiffSides): Html {
  const { capabilities, schema, dependencies } = diff
  return html`<div class="stack">
    <section class="stack">
      <h2>Capabilities</h2>
      ${
        Object.values(capabilities).every((lines) => lines.length === 0)
          ? same
          : html`<ul class="changes mono">
              ${capabilities.added.map((line) => html`<li class="added">+ ${line}</li>`)}
              ${capabilities.widened.map((line) => html`<li class="added">+ ${line.to} (was ${line.from})</li>`)}
              ${capabilities.removed.map((line) => html`<li class="removed">− ${line}</li>`)}
            </ul>`
      }
    </section>
    <section class="stack">
      <h2>What configurations write and read</h2>
      ${schema.length === 0 ? same : schemaTable(schema)}
    </section>
    <section class="stack">
      <h2>Dependencies</h2>
      ${dependencies.length === 0 ? same : dependencyTable(dependencies)}
    </section>
    <section class="stack">
      <h2>Files</h2>
      ${diff.files.length === 0 ? same : html`${fileTable({ name, from, to, diff })}${lineDiffs(lines)}`}
    </section>
  </div>`
}

const same = html`<p class="soft">Nothing changed.</p>`

function schemaTable(changes: VersionDiff['schema']): Html {
  return html`<ul class="plain-list card">
    ${changes.map(
      ({ what, change, breaking }) =>
        html`<li class="row between">
          <span><span class="mono">${what}</span> <span class="soft">${change}</span></span>
          ${breaking && html`<span class="chip bad">breaking</span>`}
        </li>`,
    )}
  </ul>`
}

function dependencyTable(changes: VersionDiff['dependencies']): Html {
  return html`<ul class="plain-list card">
    ${changes.map(
      ({ name, from, to }) =>
        html`<li class="row">
          <a href="/${name}">${name}</a>
          <span class="mono small">${from ?? 'none'} → ${to ?? 'none'}</span>
          ${from === undefined && html`<span class="chip warn">new</span>`}
        </li>`,
    )}
  </ul>`
}

function fileTable({ name, from, to, diff }: Omit<DiffSides, 'lines'>): Html {
  const link = (version: string | undefined, path: string, size: number): Html =>
    version === undefined
      ? html`${bytesText(size)}`
      : html`<a href="/${name}/${version}/files/${encodePath(path)}">${bytesText(size)}</a>`
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="Files">
    <table class="file-list">
      <thead>
        <tr>
          <th scope="col">Path</th>
          <th scope="col">${from ?? 'before'}</th>
          <th scope="col">${to ?? 'waiting'}</th>
        </tr>
      </thead>
      <tbody>
        ${diff.files.map(
          ({ path, from: before, to: after }) =>
            html`<tr>
              <td class="mono">${path}</td>
              <td>${before ? link(from, path, before.sizeBytes) : html`<span class="faint">new file</span>`}</td>
              <td>${after ? link(to, path, after.sizeBytes) : html`<span class="faint">gone</span>`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
