import type { BlockStatement, Body } from '@ingot/syntax'
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver'
import { nameOf } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'

/** Blocks and their attributes deeper than this are left out: an outline of hundreds of levels helps nobody. */
const DEPTH_MAX = 8

export function documentSymbols(source: Source): DocumentSymbol[] {
  return bodySymbols(source, source.parsed.file.body, 0)
}

function bodySymbols(source: Source, body: Body, depth: number): DocumentSymbol[] {
  if (depth >= DEPTH_MAX) return []
  return body.statements.map((statement): DocumentSymbol => {
    const range = source.range(statement.span)
    if (statement.kind === 'attribute') {
      const selectionRange = source.range(statement.name.span)
      return { name: statement.name.text, kind: SymbolKind.Property, range, selectionRange }
    }
    return {
      name: statement.label ? `${nameOf(statement)} "${statement.label.text}"` : nameOf(statement),
      kind: symbolKind(statement, depth),
      range,
      selectionRange: source.range(statement.head),
      children: bodySymbols(source, statement.body, depth + 1),
    }
  })
}

function symbolKind(block: BlockStatement, depth: number): SymbolKind {
  const name = nameOf(block)
  if (name === 'declare') return SymbolKind.Class
  if (name === 'argument' || name === 'export') return SymbolKind.Variable
  if (name.startsWith('import.')) return SymbolKind.Module
  return depth === 0 ? SymbolKind.Object : SymbolKind.Struct
}
