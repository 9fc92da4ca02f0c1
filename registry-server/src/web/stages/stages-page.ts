import type { StageReason } from '@ingot/manifest'
import type { FileDiff } from '../../diff/diff-files.ts'
import type { VersionDiff } from '../../diff/diff-versions.ts'
import type { StageRecord } from '../../storage/meta/stage-store.ts'
import { diffSections } from '../diff/diff-page.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { bytesText, countText } from '../parts/sizes.ts'
import { ageOf, dateOf } from '../parts/time.ts'

const reasonTexts: Readonly<Record<StageReason, string>> = {
  approval: 'the scope wants approvals',
  capability_increase: 'it may do more than the version before',
  near_name: 'its name, or that of its scope, is close to another',
  burst: 'many modules of the scope came at once',
}

/** `/@s/stages`: versions that wait for people. */
export function stagesPage(scope: string, stages: readonly StageRecord[]): string {
  return page({
    title: `Waiting versions of ${scope} · Ingot registry`,
    description: `Versions of ${scope} that wait for people.`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="/${scope}">${scope}</a></p>
        <h1>Waiting versions</h1>
      </div>
      <div class="stack">
        ${
          stages.length === 0
            ? html`<div class="empty"><h2>Nothing waits</h2></div>`
            : html`<ul class="hits card">
                ${stages.map(
                  (stage) =>
                    html`<li class="hit">
                      <div class="row">
                        <h3><a href="/${stage.module}/stages/${stage.id}">${stage.module}</a></h3>
                        <span class="chip">${stage.version}</span> ${reasonChips(stage)}
                      </div>
                      <p class="small">
                        by ${stage.uploader}, ${ageOf(stage.createdAt)};
                        ${countText(stage.approvals.length, 'approval')}
                      </p>
                    </li>`,
                )}
              </ul>`
        }
      </div>`,
  })
}

export interface StageContent {
  readonly stage: StageRecord
  /** Against the newest version; nothing where the module is new. */
  readonly from: string | undefined
  readonly diff: VersionDiff
  readonly lines: readonly FileDiff[]
}

/** `/@s/n/stages/<id>`: what would be published, and the decision. */
export function stagePage({ stage, from, diff, lines }: StageContent): string {
  const { module, version } = stage
  return page({
    title: `${module} ${version} waits · Ingot registry`,
    description: `${module} ${version} waits for people.`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="/${module.split('/')[0]}/stages">Waiting versions</a></p>
        <h1>${module} ${version}</h1>
        <p class="row">${reasonChips(stage)}</p>
        <dl class="facts">
          <dt>By</dt>
          <dd>${stage.uploader}</dd>
          <dt>Since</dt>
          <dd>${dateOf(stage.createdAt)}, until ${dateOf(stage.expiresAt)}</dd>
          <dt>Digest</dt>
          <dd class="mono">sha512 ${stage.sha512}</dd>
          <dt>Size</dt>
          <dd>${bytesText(stage.sizeBytes)}</dd>
          <dt>Approved by</dt>
          <dd>${stage.approvals.length === 0 ? 'nobody yet' : stage.approvals.map(({ user }) => user).join(', ')}</dd>
        </dl>
        ${stage.state === 'open' ? decision(stage) : html`<p class="banner info" role="note">It is ${stage.state}.</p>`}
        <p class="small soft">${from === undefined ? 'The module is new.' : `Compared with ${from}:`}</p>
      </div>
      ${diffSections({ name: module, from, to: undefined, diff, lines })}`,
  })
}

/** The digest goes with the decision: what is approved is what was looked at. */
function decision({ module, id, sha512 }: StageRecord): Html {
  return html`<form class="row" method="post" action="/${module}/stages/${id}">
    <input type="hidden" name="sha512" value="${sha512}" />
    <button name="do" value="approve">Approve</button>
    <button class="danger" name="do" value="reject">Reject</button>
  </form>`
}

/** Why it waits. */
export function reasonChips({ reasons }: StageRecord): Html {
  return html`${reasons.map((reason) => html`<span class="chip ${reason === 'approval' ? 'info' : 'warn'}">${reasonTexts[reason]}</span>`)}`
}
