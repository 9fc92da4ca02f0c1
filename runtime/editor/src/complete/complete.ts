import { type CompletionItem, type CompletionList, InsertTextFormat, MarkupKind } from 'vscode-languageserver'
import type { Place } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import { findAt } from '../source/find-at.ts'
import { partAt } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import type { FileSet } from '../names/file-set.ts'
import { argumentProposals } from './argument-proposals.ts'
import { blockProposals } from './block-proposals.ts'
import { type CursorContext, cursorContext } from './cursor-context.ts'
import type { Proposal } from './proposal.ts'
import { valueProposals } from './value-proposals.ts'

/** More are not shown: the list is asked for again with every letter. */
const ITEMS_MAX = 300

export interface CompleteOptions {
  /** Whether the editor fills in snippets. */
  readonly snippets: boolean
}

export function complete(
  names: Names,
  set: FileSet,
  source: Source,
  offset: number,
  { snippets }: CompleteOptions,
): CompletionList {
  const context = cursorContext(source.text, offset, statementBefore(source, offset))
  const place = { set, part: partAt(source.root, offset) }
  const typed = context.typed.toLowerCase()
  const found: Proposal[] = []
  let isIncomplete = false
  for (const proposal of proposals(names, place, context, source, offset)) {
    if (!matches((proposal.filter ?? proposal.label).toLowerCase(), typed)) continue
    if (found.length === ITEMS_MAX) {
      isIncomplete = true
      break
    }
    found.push(proposal)
  }
  const range = source.range({ start: context.from, end: Math.max(offset, endOfWord(source.text, offset, context)) })
  return { isIncomplete, items: found.map((proposal) => toItem(proposal, range, snippets)) }
}

function proposals(
  names: Names,
  place: Place,
  context: CursorContext,
  source: Source,
  offset: number,
): Iterable<Proposal> {
  switch (context.where) {
    case 'statement': {
      const owner = context.blocks.findLastIndex(({ name }) => name === 'declare' || name === 'template')
      const inner = context.blocks.slice(owner + 1).map(({ name }) => name)
      if (inner.length === 0) return blockProposals(names, place, owner >= 0)
      const { blocks } = findAt(source.parsed.file.body, offset)
      const open = context.blocks.at(-1)!.open
      return argumentProposals(
        names,
        place,
        inner,
        blocks.find(({ body }) => body.span.start === open),
      )
    }
    case 'value':
    case 'key':
      return valueProposals(names, place, context, source)
    default:
      return []
  }
}

/** The end of the last whole statement of the file in front of the line. */
function statementBefore(source: Source, offset: number): number {
  const line = source.text.lastIndexOf('\n', offset - 1)
  const before = source.parsed.file.body.statements.findLast(({ span }) => span.end <= line)
  return before?.span.end ?? 0
}

/** The letters of what is typed, in their order: what editors do with a list that they hold. */
function matches(label: string, typed: string): boolean {
  if (label.includes(typed)) return true
  let at = 0
  for (const letter of typed) {
    at = label.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** What follows the cursor without a gap is replaced too, so that the word does not stand twice. */
function endOfWord(text: string, offset: number, { quoted, typed }: CursorContext): number {
  if (quoted || typed === '') return offset
  const word = /[\p{L}\p{Nd}_]*/uy
  word.lastIndex = offset
  return offset + word.exec(text)![0].length
}

function toItem(proposal: Proposal, range: ReturnType<Source['range']>, snippets: boolean): CompletionItem {
  const { label, kind, detail, docs, snippet, insert, rank, deprecated } = proposal
  const asSnippet = snippets && snippet !== undefined
  return {
    label,
    kind,
    ...(detail !== undefined && { detail }),
    ...(docs !== undefined && docs !== '' && { documentation: { kind: MarkupKind.Markdown, value: docs } }),
    filterText: proposal.filter ?? label,
    sortText: `${rank}${label}`,
    insertTextFormat: asSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range, newText: asSnippet ? snippet : (insert ?? label) },
    ...(deprecated && { tags: [1] }),
  }
}
