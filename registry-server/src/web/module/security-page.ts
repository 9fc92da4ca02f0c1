import { capabilityDocument, reachesOutside } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { icon } from '../parts/icons.ts'
import { trustTexts } from '../parts/trust.ts'
import { moduleFrame } from './module-frame.ts'
import type { DependencyNode, DependencyTree } from './read-dependencies.ts'
import { advisoriesAbout, type ModuleView } from './read-module.ts'

interface Finding {
  readonly good: boolean
  readonly title: string
  readonly text: Html | string
}

/** `/@s/n/security`: what speaks for and against running this version. */
export function securityPage(view: ModuleView, tree: DependencyTree): string {
  return moduleFrame(
    view,
    'security',
    html`<div class="stack">
      ${advisoryList(view)}
      <ul class="findings">
        ${findingsOf(view, tree).map(
          ({ good, title, text }) =>
            html`<li class="${good ? 'good' : 'warn'}">
              <strong>${good && icon('shield')}${title}</strong>
              <p class="small soft">${text}</p>
            </li>`,
        )}
      </ul>
      <p class="small soft">
        Members of the scope can <a href="/${view.name}/${view.shown.version}/withdraw">withdraw this version</a>. Is
        something wrong with it? <a href="/${view.name}/report">Report it</a> to those who run this registry.
      </p>
    </div>`,
  )
}

/** What is known of any version: those that are about the one that is shown come first. */
function advisoryList(view: ModuleView): Html | undefined {
  const about = new Set(advisoriesAbout(view))
  const sorted = [...about, ...view.advisories.filter((advisory) => !about.has(advisory))]
  if (sorted.length === 0) return undefined
  return html`<section class="stack" aria-label="Advisories">
    <h2>Advisories</h2>
    <ul class="findings">
      ${sorted.map(
        (advisory) =>
          html`<li class="${about.has(advisory) ? 'bad' : 'quiet'}">
            <strong>${advisory.summary}</strong>
            <p class="small soft">
              ${advisory.id}: versions
              ${advisory.affected}${advisory.fixed.length > 0 && `, mended in ${advisory.fixed.join(', ')}`}.
              ${!about.has(advisory) && 'This version is not concerned.'}
            </p>
          </li>`,
      )}
    </ul>
    <p class="small"><a href="/advisories/${view.name}.json">As OSV records</a></p>
  </section>`
}

function findingsOf(view: ModuleView, tree: DependencyTree): readonly Finding[] {
  const { name, shown, line } = view
  const { manifest } = shown
  const outside = Object.keys(capabilityDocument(manifest)).filter(reachesOutside)
  const below = allNodes(tree.nodes)
  const withPowers = below.filter(({ capabilities }) => capabilities.some(reachesOutside))
  const missing = below.filter(({ version }) => version === undefined)
  const [, trustText] = trustTexts[shown.trust] ?? trustTexts[0]
  return [
    line.status === 'active'
      ? { good: true, title: 'Not withdrawn', text: 'Nobody has yanked or quarantined this version.' }
      : { good: false, title: `This version is ${line.status}`, text: 'Choose another one.' },
    {
      good: true,
      title: 'Signed and logged',
      text: html`Leaf ${shown.logIndex} of the log.
        <a href="/${name}/${shown.version}/provenance">See by whom, and check it</a>.`,
    },
    { good: shown.trust >= 2, title: `Publisher: ${shown.publisher}`, text: `It was ${trustText}.` },
    outside.length === 0
      ? {
          good: true,
          title: 'Reaches nothing outside',
          text: 'It sees the records that are sent to it, and nothing else.',
        }
      : {
          good: false,
          title: `Reaches outside: ${outside.join(', ')}`,
          text: 'Only as far as arguments and grants allow.',
        },
    manifest.kind === 'portable'
      ? { good: true, title: 'Runs in a sandbox', text: 'A process of its own, with bounds on memory and time.' }
      : { good: false, title: 'Native code', text: 'It runs only where the operator trusts its signer.' },
    withPowers.length === 0
      ? { good: true, title: 'Dependencies add no reach', text: 'None of what it brings along reaches outside.' }
      : {
          good: false,
          title: 'Dependencies reach outside',
          text: withPowers
            .map((node) => `${node.name} (${node.capabilities.filter(reachesOutside).join(', ')})`)
            .join('; '),
        },
    ...(missing.length === 0
      ? []
      : [{ good: false, title: 'Dependencies that are not here', text: missing.map((node) => node.name).join(', ') }]),
  ]
}

function allNodes(nodes: readonly DependencyNode[]): DependencyNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.nodes)])
}
