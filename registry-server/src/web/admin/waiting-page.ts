import { moduleKey } from '@ingot/manifest'
import type { StageRecord } from '../../storage/meta/stage-store.ts'
import { html, type Html } from '../html.ts'
import { countText } from '../parts/sizes.ts'
import { ageOf, dateOf } from '../parts/time.ts'
import { reasonChips } from '../stages/stages-page.ts'
import { adminFrame, nothingHere } from './admin-frame.ts'

/** A version that waits, and the modules for which people may take its name. */
export interface WaitingVersion {
  readonly stage: StageRecord
  readonly near: readonly string[]
}

/** `/admin/waiting`: versions of all scopes that wait for people, those with a held name first. */
export function waitingPage(versions: readonly WaitingVersion[]): string {
  const isHeld = ({ stage }: WaitingVersion): boolean => stage.reasons.includes('near_name')
  const [held, others] = [versions.filter(isHeld), versions.filter((each) => !isHeld(each))]
  return adminFrame(
    'waiting',
    versions.length === 0
      ? nothingHere('Nothing waits', 'No version of any scope waits for people.')
      : html`${held.length > 0 && part('Held names', held)}${others.length > 0 && part('For other reasons', others)}`,
  )
}

function part(title: string, versions: readonly WaitingVersion[]): Html {
  return html`<section class="stack">
    <h2>${title}</h2>
    <ul class="hits card">
      ${versions.map(versionRow)}
    </ul>
  </section>`
}

function versionRow({ stage, near }: WaitingVersion): Html {
  const { id, module, version, uploader, createdAt, expiresAt, approvals } = stage
  return html`<li class="hit">
    <div class="row">
      <h3><a href="/${module}/stages/${id}">${moduleKey(module, version)}</a></h3>
      ${reasonChips(stage)}
    </div>
    ${near.length > 0 && html`<p>Close to <strong>${near.join(', ')}</strong></p>`}
    <p class="small">
      by ${uploader}, ${ageOf(createdAt)}; ${countText(approvals.length, 'approval')}; until ${dateOf(expiresAt)}
    </p>
  </li>`
}
