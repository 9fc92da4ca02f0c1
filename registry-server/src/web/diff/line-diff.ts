import type { FileDiff } from '../../diff/diff-files.ts'
import type { LineBlock, LineHunk, SideLine } from '../../diff/diff-lines.ts'
import { html, type Html } from '../html.ts'

/** Of one line: bundled code may be all in one. */
const lineCharactersMax = 1_000

const untoldTexts: Readonly<Record<NonNullable<FileDiff['untold']>, string>> = {
  'no text': 'This file is not text.',
  'too large': 'This file is too large to be compared here.',
  'too different': 'This file was written anew, or nearly so.',
  'too many': 'There is more than this page has room for.',
}

/** What changed within each file: beside each other where there is room, one after the other where there is not. */
export function lineDiffs(files: readonly FileDiff[]): Html {
  return html`${files.map(
    (file) =>
      html`<details class="card file-diff" ${file.hunks !== undefined && html`open`}>
        <summary class="row between"><span class="mono path">${file.path}</span>${counts(file)}</summary>
        ${file.untold !== undefined ? html`<p class="small soft">${untoldTexts[file.untold]}</p>` : hunkList(file)}
      </details>`,
  )}`
}

function counts({ hunks }: FileDiff): Html | undefined {
  if (!hunks) return undefined
  const changed = hunks.flat().filter(({ kind }) => kind === 'changed')
  const [gone, come] = [sum(changed.map((block) => block.before)), sum(changed.map((block) => block.after))]
  return html`<span class="row tight"
    ><span class="chip good">+${come}</span><span class="chip bad">−${gone}</span></span
  >`
}

function sum(sides: readonly (readonly SideLine[])[]): number {
  return sides.reduce((total, lines) => total + lines.length, 0)
}

function hunkList({ path, hunks }: FileDiff): Html {
  return html`<div class="hunks" role="region" aria-label="Changes of ${path}" tabindex="0">
    ${hunks!.map((hunk) => html`<div class="hunk">${hunk.map(blockPart)}</div>`)}
  </div>`
}

/** Lines that both sides have are there twice for the eye: once is enough where they are read out, or stand below each other. */
function blockPart({ kind, before, after }: LineHunk[number]): Html {
  if (kind === 'changed') return html`${side(before, 'minus', false)}${side(after, 'plus', false)}`
  return html`${side(before, 'same before', true)}${side(after, 'same', false)}`
}

function side(lines: LineBlock['before'], kind: string, twice: boolean): Html {
  const sign = kind === 'minus' ? '−' : kind === 'plus' ? '+' : ''
  return html`<div class="side-lines ${kind}" ${twice && html`aria-hidden="true"`}>
    ${lines.map(({ number, text }) => html`<div><span class="faint">${number}</span><b>${sign}</b><code>${cut(text)}</code></div>`)}
  </div>`
}

function cut(text: string): string {
  return text.length > lineCharactersMax ? `${text.slice(0, lineCharactersMax)} …` : text
}
