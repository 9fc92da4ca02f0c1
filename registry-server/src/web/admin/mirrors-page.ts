import type { MirrorState } from '../../mirror/mirror.ts'
import { html, type Html } from '../html.ts'
import { countText } from '../parts/sizes.ts'
import { ageOf } from '../parts/time.ts'
import { adminFrame, nothingHere } from './admin-frame.ts'

const hourMs = 3_600_000

/** `/admin/mirrors`: registries that are read through this one. */
export function mirrorsPage(mirrors: readonly MirrorState[]): string {
  return adminFrame(
    'mirrors',
    mirrors.length === 0
      ? nothingHere(
          'No registry is mirrored',
          'ingot registry mirror add makes this one pass on the modules of another, verified.',
        )
      : html`${mirrors.map(mirrorPart)}
          <p class="small faint">
            When it was asked, and what was refused, is what this server knows since it started.
          </p>`,
  )
}

function mirrorPart(mirror: MirrorState): Html {
  const { upstream, logSize, takenAt, refused } = mirror
  const [word, level] = mirrorWord(mirror)
  return html`<section class="card component">
    <div class="row">
      <h2>${upstream.name}</h2>
      <span class="chip ${level}">${word}</span>
    </div>
    <dl class="facts">
      <dt>Address</dt>
      <dd>${upstream.url ?? 'none: it was imported'}</dd>
      <dt>Scopes</dt>
      <dd class="mono">${upstream.scopes.join(', ')}</dd>
      <dt>Root</dt>
      <dd class="mono">${upstream.root}</dd>
      <dt>Least age</dt>
      <dd>${upstream.minAgeMs === 0 ? 'none' : countText(upstream.minAgeMs / hourMs, 'hour')}</dd>
      <dt>Verified</dt>
      <dd>${logSize === undefined ? 'nothing yet' : countText(logSize, 'log entry', 'log entries')}</dd>
      <dt>Last taken</dt>
      <dd>${takenAt === undefined ? html`<span class="faint">not since the start</span>` : ageOf(takenAt)}</dd>
    </dl>
    ${refused && html`<p class="banner ${level === 'good' ? 'warn' : 'bad'}" role="note">Refused ${ageOf(refused.at)}: ${refused.why}</p>`}
  </section>`
}

/** In a word how it is with a mirror. */
export function mirrorWord({ upstream, paused, takenAt, refused }: MirrorState): [string, 'good' | 'info' | 'bad'] {
  if (upstream.url === null) return ['imported', 'info']
  if (paused) return ['paused: it failed', 'bad']
  if (refused && (takenAt === undefined || takenAt < refused.at)) return ['refused', 'bad']
  return takenAt === undefined ? ['not asked yet', 'info'] : ['answers', 'good']
}
