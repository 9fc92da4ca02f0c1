import { moduleKey } from '@ingot/manifest'
import type { Problem } from '../../problem.ts'
import type { QuarantinedVersion } from '../../storage/meta/version-store.ts'
import { html, type Html } from '../html.ts'
import { ageOf } from '../parts/time.ts'
import { adminFrame, nothingHere } from './admin-frame.ts'

export interface QuarantineForm {
  readonly module: string
  readonly version: string
  readonly reason: string
}

export interface QuarantineContent {
  readonly versions: readonly QuarantinedVersion[]
  /** What was written before, and why it was not done. */
  readonly form?: QuarantineForm
  readonly problem?: Problem
}

/** `/admin/quarantine`: versions that nobody gets, and the forms that begin and end that. */
export function quarantinePage({ versions, form, problem }: QuarantineContent): string {
  return adminFrame(
    'quarantine',
    html`<p class="soft">
        A version in quarantine is handed out to nobody who does not insist. Each change is a public entry of the log,
        and wants a second factor.
      </p>
      ${problem && html`<p class="banner bad" role="alert">${problem.message}${problem.hint !== undefined && `: ${problem.hint}`}</p>`}
      ${
        versions.length === 0
          ? nothingHere('Nothing is in quarantine', 'Every version that was published can be had.')
          : html`<ul class="plain-list card">
              ${versions.map(versionRow)}
            </ul>`
      }
      <section class="stack">
        <h2>Put a version in quarantine</h2>
        ${quarantineForm(form)}
      </section>`,
  )
}

function versionRow({ module, version, reason, publishedAt }: QuarantinedVersion): Html {
  const key = moduleKey(module, version)
  return html`<li class="row between">
    <div>
      <a href="/${module}/${version}"><strong>${module}</strong></a> <span class="chip bad">${version}</span>
      <p class="small soft">${reason ?? undefined}</p>
      <p class="small faint">published ${ageOf(publishedAt)}</p>
    </div>
    <form class="row" method="post" action="/admin/quarantine">
      <input type="hidden" name="module" value="${module}" />
      <input type="hidden" name="version" value="${version}" />
      <input name="reason" placeholder="Reason" aria-label="Reason to release ${key}" required maxlength="500" />
      <button class="quiet" name="do" value="release" aria-label="Release ${key}">Release</button>
    </form>
  </li>`
}

function quarantineForm(form: QuarantineForm | undefined): Html {
  return html`<form class="fields-form card" method="post" action="/admin/quarantine">
    <label
      >Module <input name="module" value="${form?.module}" placeholder="@scope/name" required maxlength="90"
    /></label>
    <label
      >Version <input name="version" value="${form?.version}" placeholder="1.0.0" required maxlength="128"
    /></label>
    <label
      >Reason, for everybody to read <input name="reason" value="${form?.reason}" required maxlength="500"
    /></label>
    <button class="danger" name="do" value="quarantine">Put it in quarantine</button>
  </form>`
}
