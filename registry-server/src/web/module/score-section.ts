import { html, type Html } from '../html.ts'
import type { ModuleView } from './read-module.ts'
import { scoreOf } from './score.ts'

/** The score as what it is made of. */
export function scoreSection({ shown }: ModuleView): Html {
  const factors = scoreOf(shown)
  const [points, of] = [sum(factors.map((factor) => factor.points)), sum(factors.map((factor) => factor.of))]
  return html`<section>
    <h2>Score</h2>
    <details class="score">
      <summary>
        <strong class="number">${points} of ${of}</strong>
        <meter min="0" max="${of}" value="${points}" aria-label="Score">${points} of ${of}</meter>
      </summary>
      <ul>
        ${factors.map(
          (factor) =>
            html`<li class="${factor.points === factor.of ? 'full' : ''}">
              <span>${factor.title}</span><span class="number">${factor.points}/${factor.of}</span>
              ${factor.points < factor.of && html`<p class="small faint">Would add: ${factor.hint}.</p>`}
            </li>`,
        )}
      </ul>
    </details>
  </section>`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0)
}
