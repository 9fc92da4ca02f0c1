import type { WaitingJob } from '../../storage/meta/outbox-store.ts'
import { html, type Html } from '../html.ts'
import { subjectLink } from '../log/log-page.ts'
import { countText } from '../parts/sizes.ts'
import { adminFrame, nothingHere } from './admin-frame.ts'

/** `/admin/jobs`: what is still to be done about events. */
export function jobsPage(depth: number, jobs: readonly WaitingJob[]): string {
  return adminFrame(
    'jobs',
    html`<p class="soft">
        What follows from an event: to be found by a search, bytes to be erased. A job that fails is tried again, each
        time after twice as long, up to an hour.
      </p>
      ${
        depth === 0
          ? nothingHere('All is done', 'Nothing is left to do about any event.')
          : html`<section class="stack">
              <h2>${countText(depth, 'job')}</h2>
              <ul class="plain-list card">
                ${jobs.map(jobRow)}
              </ul>
              ${jobs.length < depth && html`<p class="small soft">These are the first ${jobs.length} of them.</p>`}
            </section>`
      }`,
  )
}

function jobRow({ topic, logIndex, attempts, dueAt, subject }: WaitingJob): Html {
  return html`<li class="row between">
    <div>
      <span class="chip">${topic}</span> ${subjectLink(subject)}
      <p class="small faint"><a href="/log/${logIndex}">Entry ${logIndex}</a>, due ${dueAt}</p>
    </div>
    ${attempts > 0 && html`<span class="chip bad">failed ${countText(attempts, 'time')}</span>`}
  </li>`
}
