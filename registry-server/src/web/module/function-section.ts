import { parameterText, signatureText, typeText, type FunctionManifest } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { renderInline, renderMarkdown } from '../markdown.ts'
import { stabilityChips } from './component-section.ts'

/** A function's reference: how it is called, what it takes, and what calls give. */
export function functionSection(described: FunctionManifest, namespace: string): Html {
  const { name, stability, summary, docs, parameters, examples, result } = described
  return html`<article class="component card" id="${name}">
    <div class="row">
      <h2>${namespace}.${name}()</h2>
      <span class="chip ${stabilityChips[stability]}">${stability}</span>
      <span class="chip">function</span>
    </div>
    <p>${summary}</p>
    <pre tabindex="0"><code>${namespace}.${signatureText(described)}</code></pre>
    ${docs !== undefined && html`<div class="prose">${renderMarkdown(docs)}</div>`}
    ${parameters.length > 0 && parameterList(described)}
    <p class="small soft">Gives <span class="mono">${typeText(result)}</span>${descriptionOf(result)}.</p>
    ${
      examples.length > 0 &&
      html`<h3>Examples</h3>
        <ul class="plain-list small">
          ${examples.map(
            (example) =>
              html`<li class="mono">
                ${namespace}.${name}(${example.args.map((given) => JSON.stringify(given)).join(', ')}) →
                ${JSON.stringify(example.result)}
              </li>`,
          )}
        </ul>`
    }
  </article>`
}

function parameterList({ parameters, variadic }: FunctionManifest): Html {
  return html`<h3>Parameters</h3>
    <ul class="plain-list small">
      ${parameters.map(
        (parameter, place) =>
          html`<li>
            <code>${parameterText(parameter, variadic && place === parameters.length - 1)}</code>
            ${parameter.optional && html`<span class="chip">may be left out</span>`} ${descriptionOf(parameter.schema)}
          </li>`,
      )}
    </ul>`
}

function descriptionOf({ description }: FunctionManifest['result']): Html | undefined {
  return typeof description === 'string' ? html`: ${renderInline(description)}` : undefined
}
