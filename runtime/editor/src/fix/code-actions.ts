import { type BlockStatement, type Code, isIdentifier, type Span } from '@ingot/syntax'
import { type CodeAction, CodeActionKind, type Diagnostic as LspDiagnostic, type TextEdit } from 'vscode-languageserver'
import { argumentsOf } from '../names/arguments.ts'
import type { FileSet } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import { findAt } from '../source/find-at.ts'
import { nameOf, partAt } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'

/** What a published diagnostic carries for the actions that mend it. */
export interface DiagnosticData {
  readonly hint?: string
}

interface Fix {
  readonly title: string
  readonly edits: readonly TextEdit[]
}

interface Mistake {
  readonly names: Names
  readonly set: FileSet
  readonly source: Source
  readonly span: Span
  /** What the diagnostic underlines. */
  readonly text: string
  readonly hint: string
}

/** The edits that mend diagnostics, from their codes and hints. */
export function codeActions(
  names: Names,
  set: FileSet,
  source: Source,
  diagnostics: readonly LspDiagnostic[],
): CodeAction[] {
  return diagnostics.flatMap((diagnostic) => {
    const { document } = source
    const span = { start: document.offsetAt(diagnostic.range.start), end: document.offsetAt(diagnostic.range.end) }
    const hint = (diagnostic.data as DiagnosticData | undefined)?.hint ?? ''
    const mistake = { names, set, source, span, text: source.text.slice(span.start, span.end), hint }
    const fix = fixes[diagnostic.code as Code]?.(mistake) ?? nearestName(mistake)
    if (!fix) return []
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: { [document.uri]: [...fix.edits] } },
      },
    ]
  })
}

const fixes: Partial<Record<Code, (mistake: Mistake) => Fix | undefined>> = {
  'missing-argument': addMissing,
  'missing-block': addMissing,
  'missing-comma': ({ source, span }) => {
    return { title: 'Add ","', edits: [{ range: source.range({ start: span.start, end: span.start }), newText: ',' }] }
  },
  'missing-label': ({ source, span }) => {
    const range = source.range({ start: span.end, end: span.end })
    return { title: 'Add a label', edits: [{ range, newText: ' "default"' }] }
  },
  'unexpected-label': removeLabel,
  'deprecated-function': (mistake) => {
    const replacement = /^use (\S+)$/.exec(mistake.hint)?.[1]
    return replacement === undefined ? undefined : replaceWith(mistake, replacement)
  },
  'duplicate-argument': removeArgument,
  'block-given-as-argument': argumentToBlock,
  'argument-given-as-block': blockToArgument,
  'illegal-quote': requote,
  'wrong-type': wrapInList,
  'unexpected-token': ({ source, span, text, hint }) => {
    if (hint !== 'put the label in double quotes' || !isIdentifier(text)) return undefined
    return { title: 'Put the label in double quotes', edits: [{ range: source.range(span), newText: `"${text}"` }] }
  },
}

function nearestName(mistake: Mistake): Fix | undefined {
  const nearest = /^did you mean "(.+)"\?$/.exec(mistake.hint)?.[1]
  return nearest === undefined ? undefined : replaceWith(mistake, nearest)
}

function replaceWith({ source, span, text }: Mistake, newText: string): Fix {
  // An unknown inner block is underlined with its label.
  const end = span.start + text.trimEnd().length
  return { title: `Change to "${newText}"`, edits: [{ range: source.range({ start: span.start, end }), newText }] }
}

/** The hint names what is missing: `add url = …`, `add endpoint { … }`. */
function addMissing({ names, set, source, span, hint }: Mistake): Fix | undefined {
  const missing = /^add ([\w.]+) (=|\{)/.exec(hint)
  const found = blocksAt(source, span.start)
  const block = found.at(-1)
  if (!missing || !block) return undefined
  const [, name = '', sign] = missing
  const place = { set, part: partAt(source.root, span.start) }
  const argument = argumentsOf(names, place, ownBlocks(source, found)).find((each) => each.name === name)
  const indent = `${indentation(source.text, block.head.start)}\t`
  const value = argument ? emptyValue(argument.type) : '""'
  const line = sign === '=' ? `${indent}${name} = ${value}\n` : `${indent}${name} { }\n`
  return { title: `Add ${sign === '=' ? 'argument' : 'block'} "${name}"`, edits: [insertIntoBody(source, block, line)] }
}

function blocksAt(source: Source, offset: number): readonly BlockStatement[] {
  return findAt(source.parsed.file.body, offset).blocks
}

/** Names of the blocks around a place, from the component on. */
function ownBlocks(source: Source, blocks: readonly BlockStatement[]): readonly string[] {
  const { block } = partAt(source.root, blocks.at(-1)!.head.start)
  return (block ? blocks.slice(blocks.indexOf(block) + 1) : blocks).map(nameOf)
}

function emptyValue(type: string): string {
  if (type.startsWith('list(')) return '[]'
  if (type.startsWith('map(') || type === 'object') return '{}'
  if (type === 'bool') return 'false'
  return type === 'number' ? '0' : '""'
}

/** After the opening brace; a body without a line of its own gets one. */
function insertIntoBody(source: Source, { body, head }: BlockStatement, line: string): TextEdit {
  const open = body.span.start + 1
  const newline = source.text.indexOf('\n', open)
  const rest = source.text.slice(open, newline === -1 ? undefined : newline)
  if (newline !== -1 && newline < body.span.end && rest.trim() === '') {
    return { range: source.range({ start: newline + 1, end: newline + 1 }), newText: line }
  }
  const end = open + rest.length - rest.trimStart().length
  const newText = `\n${line}${indentation(source.text, head.start)}${rest.trim().startsWith('}') ? '' : '\t'}`
  return { range: source.range({ start: open, end: Math.min(end, body.span.end - 1) }), newText }
}

function indentation(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))![0]
}

function removeLabel({ source, span }: Mistake): Fix {
  const start = span.start - (source.text[span.start - 1] === ' ' ? 1 : 0)
  return { title: 'Remove the label', edits: [{ range: source.range({ start, end: span.end }), newText: '' }] }
}

function removeArgument({ source, span, text }: Mistake): Fix | undefined {
  const attribute = findAt(source.parsed.file.body, span.start).attribute
  if (!attribute) return undefined
  const start = source.text.lastIndexOf('\n', attribute.span.start) + 1
  const newline = source.text.indexOf('\n', attribute.span.end)
  const whole = newline === -1 ? attribute.span : { start, end: newline + 1 }
  return { title: `Remove this "${text}"`, edits: [{ range: source.range(whole), newText: '' }] }
}

/** `tls = { a = 1 }` → `tls { a = 1 }`, with each field on a line of its own. */
function argumentToBlock({ source, span }: Mistake): Fix | undefined {
  const attribute = findAt(source.parsed.file.body, span.start).attribute
  if (attribute?.value.kind !== 'object') return undefined
  const indent = indentation(source.text, attribute.span.start)
  const lines = attribute.value.fields.map(({ name, value }) => {
    return `${indent}\t${name} = ${source.text.slice(value.span.start, value.span.end)}\n`
  })
  const newText = `${attribute.name.text} {\n${lines.join('')}${indent}}`
  return { title: 'Write it as a block', edits: [{ range: source.range(attribute.span), newText }] }
}

/** `labels { a = 1 }` → `labels = { a = 1, }`. */
function blockToArgument({ source, span }: Mistake): Fix | undefined {
  const block = blocksAt(source, span.start).at(-1)
  if (!block || block.body.statements.some(({ kind }) => kind === 'block')) return undefined
  const indent = indentation(source.text, block.span.start)
  const lines = block.body.statements.map(({ span: each }) => {
    return `${indent}\t${source.text.slice(each.start, each.end)},\n`
  })
  const newText = `${nameOf(block)} = {\n${lines.join('')}${indent}}`
  return { title: 'Write it as an argument', edits: [{ range: source.range(block.span), newText }] }
}

function requote({ source, span }: Mistake): Fix | undefined {
  const text = /^'([^'"\\\n]*)'/.exec(source.text.slice(span.start))
  if (!text) return undefined
  const range = source.range({ start: span.start, end: span.start + text[0].length })
  return { title: 'Use double quotes', edits: [{ range, newText: `"${text[1]}"` }] }
}

function wrapInList({ source, span, text, hint }: Mistake): Fix | undefined {
  if (!hint.startsWith('put it into a list')) return undefined
  return { title: 'Put it into a list', edits: [{ range: source.range(span), newText: `[${text}]` }] }
}
