import { capabilityDocument, reachesOutside, type IndexLine, type ModuleManifest } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { capabilityIcon, icon } from './icons.ts'

/** At a glance: does it need anything at all? */
export function capabilityChips(manifest: Pick<ModuleManifest, 'components'>): Html {
  return capabilityNameChips(Object.keys(capabilityDocument(manifest)))
}

/** The same of capabilities by name; those that reach nothing outside are left out where others are there. */
export function capabilityNameChips(names: readonly string[]): Html {
  const outside = names.filter(reachesOutside)
  if (names.length === 0) return html`<span class="chip good">${icon('shield')}asks for nothing</span>`
  if (outside.length === 0) return html`<span class="chip good">${icon('shield')}reaches nothing outside</span>`
  return html`${outside.map((name) => html`<span class="chip warn">${capabilityIcon(name)}${name}</span>`)}`
}

/** What a version may do more and less than the one below it. */
export function deltaChips(delta: IndexLine['caps']['delta'] | undefined): Html | undefined {
  if (!delta || delta.added.length + delta.removed.length === 0) return undefined
  return html`<span class="row tight"
    >${delta.added.map((line) => html`<span class="chip bad">+ ${line}</span>`)}${delta.removed.map((line) => html`<span class="chip good">− ${line}</span>`)}</span
  >`
}
