import { describeSchema, type BlockDescription, type ComponentManifest, type FieldDescription } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { renderInline, renderMarkdown } from '../markdown.ts'

export const stabilityChips = { experimental: 'warn', 'public-preview': 'info', 'generally-available': 'good' } as const
const scalingTexts = {
  replicate: 'runs in every lane',
  single: 'runs once',
  keyed: 'shares its work by key',
} as const

/** A component's reference: arguments, blocks, exports and capabilities. */
export function componentSection(component: ComponentManifest, namespace: string): Html {
  const args = describeSchema(component.arguments)
  const exports = describeSchema(component.exports)
  return html`<article class="component card" id="${component.name}">
    <div class="row">
      <h2>${component.name.includes('.') ? '' : `${namespace}.`}${component.name}</h2>
      <span class="chip ${stabilityChips[component.stability]}">${component.stability}</span>
      <span class="chip">${scalingTexts[component.scaling]}</span>
      ${component.settles !== undefined && html`<span class="chip">settles ${component.settles}</span>`}
    </div>
    <p>${component.summary}</p>
    ${component.docs !== undefined && html`<div class="prose">${renderMarkdown(component.docs)}</div>`}
    <h3>Arguments</h3>
    ${args.fields.length === 0 ? html`<p class="small faint">None</p>` : fieldTable(args.fields, true)}
    ${args.blocks.map(blockPart)}
    <h3>Exports</h3>
    ${exports.fields.length === 0 ? html`<p class="small faint">None</p>` : fieldTable(exports.fields, false)}
  </article>`
}

function blockPart(block: BlockDescription): Html {
  return html`<h3>Block <code>${block.path}</code> <span class="chip">${occurrence(block)}</span></h3>
    ${block.docs !== '' && html`<p class="small">${renderInline(block.docs)}</p>`}
    ${block.fields.length === 0 ? html`<p class="small faint">No arguments</p>` : fieldTable(block.fields, true)}`
}

function occurrence({ required, repeatable }: BlockDescription): string {
  if (repeatable) return required ? 'at least once' : 'any number'
  return required ? 'required' : 'optional'
}

function fieldTable(fields: readonly FieldDescription[], inputs: boolean): Html {
  return html`<div class="scroll" tabindex="0">
    <table class="fields">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          ${inputs && html`<th scope="col">Default</th>`}
          <th scope="col">Description</th>
        </tr>
      </thead>
      <tbody>
        ${fields.map(
          (field) =>
            html`<tr>
              <td><code>${field.name}</code></td>
              <td class="mono">${field.type}</td>
              ${inputs && html`<td>${defaultCell(field)}</td>`}
              <td>${renderInline(field.docs)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function defaultCell(field: FieldDescription): Html {
  if (field.required) return html`<span class="chip accent">required</span>`
  return field.default === undefined ? html`<span class="faint">none</span>` : html`<code>${field.default}</code>`
}
