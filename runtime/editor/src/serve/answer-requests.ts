import { print } from '@ingot/syntax'
import { type Connection, type Location, type Position, ResponseError, type TextEdit } from 'vscode-languageserver'
import { complete } from '../complete/complete.ts'
import { codeActions } from '../fix/code-actions.ts'
import { definition } from '../navigate/definition.ts'
import { documentSymbols } from '../navigate/document-symbols.ts'
import { hover } from '../navigate/hover.ts'
import { type Occurrence, occurrences } from '../navigate/occurrences.ts'
import { rename, RenameError, renamingAt } from '../navigate/rename.ts'
import { isLabelSymbol } from '../navigate/symbol.ts'
import { symbolAt } from '../navigate/symbol-at.ts'
import type { Names } from '../names/resolve.ts'
import type { Source } from '../source/source.ts'
import type { Session } from './server.ts'
import type { Asked } from './workspace.ts'

const REQUEST_FAILED = -32803

interface At extends Asked {
  readonly names: Names
  readonly snippets: boolean
}

/** Answers every request of the protocol that asks about a document. */
export function answerRequests(connection: Connection, ready: () => Promise<Session>): void {
  const ask = async <T>(uri: string, answer: (at: At) => T): Promise<T | null> => {
    const { workspace, snippets } = await ready()
    const asked = await workspace.asked(uri)
    return asked ? answer({ ...asked, names: workspace.names, snippets }) : null
  }
  connection.onCompletion(({ textDocument, position }) =>
    ask(textDocument.uri, ({ names, project, source, offset, snippets }) =>
      complete(names, project.set, source, offset(position), { snippets }),
    ),
  )
  connection.onHover(({ textDocument, position }) =>
    ask(
      textDocument.uri,
      ({ names, project, source, offset }) => hover(names, project.set, source, offset(position)) ?? null,
    ),
  )
  connection.onDefinition(({ textDocument, position }) =>
    ask(textDocument.uri, ({ names, project, source, offset }) =>
      definition(names, project.set, source, offset(position)).map(toLocation),
    ),
  )
  connection.onReferences(({ textDocument, position, context }) =>
    ask(textDocument.uri, (at) =>
      occurrencesAt(at, position)
        .filter((each) => context.includeDeclaration || !each.definition)
        .map(toLocation),
    ),
  )
  connection.onDocumentHighlight(({ textDocument, position }) =>
    ask(textDocument.uri, (at) =>
      occurrencesAt(at, position)
        .filter(({ source }) => source.name === at.source.name)
        .map(({ source, span }) => ({ range: source.range(span) })),
    ),
  )
  connection.onPrepareRename(({ textDocument, position }) =>
    ask(textDocument.uri, ({ names, project, source, offset }) => {
      const found = renamingAt(names, project.set, source, offset(position))
      return found ? { range: source.range(found.span), placeholder: found.symbol.name } : null
    }),
  )
  connection.onRenameRequest(({ textDocument, position, newName }) =>
    ask(textDocument.uri, ({ names, project, roots, source, offset }) => {
      const found = renamingAt(names, project.set, source, offset(position))
      return found
        ? {
            changes: changesOf(
              renamed(() => rename(names, roots, found, newName)),
              newName,
            ),
          }
        : null
    }),
  )
  connection.onDocumentSymbol(({ textDocument }) => ask(textDocument.uri, ({ source }) => documentSymbols(source)))
  connection.onDocumentFormatting(({ textDocument }) => ask(textDocument.uri, ({ source }) => formatted(source)))
  connection.onCodeAction(({ textDocument, context }) =>
    ask(textDocument.uri, ({ names, project, source }) => codeActions(names, project.set, source, context.diagnostics)),
  )
}

function occurrencesAt({ names, project, roots, source, offset }: At, position: Position): readonly Occurrence[] {
  const symbol = symbolAt(names, project.set, source, offset(position))?.symbol
  return symbol && isLabelSymbol(symbol) ? [...occurrences(names, roots, symbol)] : []
}

function toLocation({ source, span }: Occurrence): Location {
  return { uri: source.document.uri, range: source.range(span) }
}

function renamed(make: () => readonly Occurrence[]): readonly Occurrence[] {
  try {
    return make()
  } catch (error) {
    if (error instanceof RenameError) throw new ResponseError(REQUEST_FAILED, error.message)
    throw error
  }
}

function changesOf(found: readonly Occurrence[], newText: string): Record<string, TextEdit[]> {
  const byFile = Map.groupBy(found, ({ source }) => source.document.uri)
  return Object.fromEntries(
    [...byFile].map(([uri, each]) => [uri, each.map(({ source, span }) => ({ range: source.range(span), newText }))]),
  )
}

/** A file that cannot be read is left as it is: what could not be read would be lost. */
function formatted(source: Source): TextEdit[] {
  const { file, diagnostics } = source.parsed
  if (diagnostics.some(({ severity }) => severity === 'error')) return []
  const newText = print(file)
  if (newText === source.text) return []
  return [{ range: source.range({ start: 0, end: source.text.length }), newText }]
}
