import type { BlockStatement } from '@ingot/syntax'
import { CompletionItemKind } from 'vscode-languageserver'
import { type Argument, argumentsOf } from '../names/arguments.ts'
import type { Place } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import { nameOf } from '../source/scope-part.ts'
import { valueSnippet } from './block-proposals.ts'
import type { Proposal } from './proposal.ts'

/** Arguments and blocks that the innermost of some blocks lacks, required ones first. */
export function* argumentProposals(
  names: Names,
  place: Place,
  blocks: readonly string[],
  block: BlockStatement | undefined,
): Generator<Proposal> {
  const given = new Set(block?.body.statements.map((each) => (each.kind === 'block' ? nameOf(each) : each.name.text)))
  for (const argument of argumentsOf(names, place, blocks)) {
    if (given.has(argument.name) && !argument.repeatable) continue
    yield argumentProposal(argument)
  }
}

function argumentProposal(argument: Argument): Proposal {
  const { name, kind, required, type, docs } = argument
  const shown = {
    label: name,
    detail: required ? `${type}, required` : type,
    docs: argumentDocs(argument),
    rank: required ? '0' : kind === 'attribute' ? '1' : '2',
  }
  if (kind === 'block') {
    return { ...shown, kind: CompletionItemKind.Struct, snippet: `${name} {\n\t$0\n}`, insert: `${name} {\n}` }
  }
  return {
    ...shown,
    kind: CompletionItemKind.Property,
    snippet: `${name} = ${valueSnippet(argument, '$0')}`,
    insert: `${name} = `,
    docs: docs === '' ? argumentDocs(argument) : shown.docs,
  }
}

/** Docs and default, as Markdown. */
export function argumentDocs({ docs, default: fallback }: Argument): string {
  const written = fallback === undefined ? [] : [`Default: \`${fallback}\``]
  return [...(docs === '' ? [] : [docs]), ...written].join('\n\n')
}
