import { configBlocks } from '@ingot/graph'
import { CompletionItemKind } from 'vscode-languageserver'
import { type Argument, argumentsOf } from '../names/arguments.ts'
import { outerPlace, partsOf, type Place } from '../names/file-set.ts'
import { languageDocs } from '../names/language-arguments.ts'
import type { Names } from '../names/resolve.ts'
import { escaped, type Proposal } from './proposal.ts'

/** What may stand at the root of a file or of a module: components, custom components, blocks of the language. */
export function* blockProposals(names: Names, place: Place, inModule: boolean): Generator<Proposal> {
  yield* customProposals(names, place)
  for (const [name, { summary, docs, stability }] of names.host.components) {
    yield {
      label: name,
      kind: CompletionItemKind.Class,
      detail: stability === 'generally-available' ? summary : `${summary} (${stability})`,
      docs: docs ?? summary,
      snippet: blockSnippet(names, place, name, true),
      insert: `${name} "label" {\n}`,
      rank: '2',
    }
  }
  for (const [name, docs] of Object.entries(languageDocs)) {
    const inner = name === 'argument' || name === 'export'
    if (name === 'template' || (inModule ? configBlocks.has(name) : inner)) continue
    const labelled = configBlocks.get(name)?.label !== 'none'
    const snippet = blockSnippet(names, place, name, labelled)
    yield { label: name, kind: CompletionItemKind.Keyword, docs, detail: docs, snippet, insert: name, rank: '3' }
  }
}

function* customProposals(names: Names, place: Place): Generator<Proposal> {
  for (let at: Place | undefined = place; at; at = outerPlace(at)) {
    for (const part of partsOf(at)) {
      for (const name of part.declares.keys()) yield customProposal(names, place, name, 'custom component')
      for (const [label, block] of part.imports) {
        const namespace = at.set.namespace(part, block)
        const detail = `from import "${label}"`
        const declared = namespace?.files.sources.flatMap(({ root }) => [...root.declares.keys()]) ?? []
        for (const name of [...declared, ...(namespace?.components.keys() ?? [])]) {
          yield customProposal(names, place, `${label}.${name}`, detail)
        }
      }
    }
  }
}

function customProposal(names: Names, place: Place, name: string, detail: string): Proposal {
  const snippet = blockSnippet(names, place, name, true)
  return { label: name, kind: CompletionItemKind.Class, detail, snippet, insert: `${name} "label" {\n}`, rank: '1' }
}

/** A block with its required arguments and blocks. */
function blockSnippet(names: Names, place: Place, name: string, labelled: boolean): string {
  const head = labelled ? `${escaped(name)} "\${1:label}" {` : `${escaped(name)} {`
  return `${head}\n${bodySnippet(argumentsOf(names, place, [name]), labelled ? 2 : 1)}}`
}

/** @param first number of the first stop */
function bodySnippet(given: readonly Argument[], first: number): string {
  const required = given.filter((argument) => argument.required)
  const width = Math.max(0, ...required.filter(({ kind }) => kind === 'attribute').map(({ name }) => name.length))
  const lines = required.map((argument, index) => {
    const stop = `$${first + index}`
    if (argument.kind === 'block') return `\t${argument.name} {\n\t\t${stop}\n\t}\n`
    return `\t${argument.name.padEnd(width)} = ${valueSnippet(argument, stop)}\n`
  })
  return lines.length === 0 ? '\t$0\n' : lines.join('')
}

/** What goes around a value of the argument's type. */
export function valueSnippet({ type }: Argument, stop: string): string {
  if (type.startsWith('list(receiver')) return `[${stop}]`
  if (type.startsWith('list(map')) return stop
  if (type.startsWith('list(')) return `[${stop}]`
  if (type.startsWith('map(') || type === 'object') return `{${stop}}`
  if (/^(string|secret|duration|size|one of)/.test(type)) return `"${stop}"`
  return stop
}
