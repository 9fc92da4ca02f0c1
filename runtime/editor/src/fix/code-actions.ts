import { type Code, isIdentifier, type Span } from '@ingot/syntax'
import { type CodeAction, CodeActionKind, type Diagnostic as LspDiagnostic, type TextEdit } from 'vscode-languageserver'
import type { FileSet } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import { findAt } from '../source/find-at.ts'
import { nameOf } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import { addGrant } from './add-grant.ts'
import { addMissing, blocksAt, indentation } from './add-missing.ts'
import type { Fix, Mistake } from './fix.ts'

/** What a published diagnostic carries for the actions that mend it. */
export interface DiagnosticData {
  readonly hint?: string
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
    const mend = isEmbedded(source, span) ? undefined : fixes[diagnostic.code as Code]
    const fix = mend?.(mistake) ?? nearestName(mistake)
    if (!fix) return []
    return [
      {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: !fix.needsLook,
        edit: { changes: { [(fix.source ?? source).document.uri]: [...fix.edits] } },
      },
    ]
  })
}

/** Whether a place is in the text of an `import.string`: the blocks and arguments around it are not what is wrong. */
function isEmbedded(source: Source, { start, end }: Span): boolean {
  const { blocks, attribute } = findAt(source.parsed.file.body, start)
  const block = blocks.at(-1)
  if (!attribute || !block || nameOf(block) !== 'import.string') return false
  return attribute.value.span.start < start && end < attribute.value.span.end
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
  'argument-at-default': removeArgument,
  'unused-import': removeBlock,
  'duplicate-block': (mistake) => (mistake.hint === 'keep one of the two' ? removeBlock(mistake) : undefined),
  'missing-grant': addGrant,
  'invalid-escape': ({ source, span }) => {
    const range = source.range({ start: span.start, end: span.start })
    return { title: 'Write "\\\\" for a backslash', edits: [{ range, newText: '\\' }] }
  },
  'block-given-as-argument': argumentToBlock,
  'argument-given-as-block': blockToArgument,
  'illegal-quote': requote,
  'wrong-type': wrapInList,
  'invalid-value': (mistake) => nearestName(mistake) ?? rewriteValue(mistake),
  'doubtful-value': (mistake) => {
    const replacement = /^write "(.+?)"/.exec(mistake.hint)?.[1]
    return replacement === undefined ? undefined : replaceWith(mistake, replacement)
  },
  'unexpected-token': ({ source, span, text, hint }) => {
    if (hint !== 'put the label in double quotes' || !isIdentifier(text)) return undefined
    return { title: 'Put the label in double quotes', edits: [{ range: source.range(span), newText: `"${text}"` }] }
  },
}

/** The hint has the whole value, of which a part may be underlined: `write "24h"`. */
function rewriteValue({ source, span, hint }: Mistake): Fix | undefined {
  const wanted = /^write "(.+)"$/.exec(hint)?.[1]
  const value = findAt(source.parsed.file.body, span.start).attribute?.value
  if (wanted === undefined || value?.kind !== 'literal' || typeof value.value !== 'string') return undefined
  return {
    title: `Change to "${wanted}"`,
    edits: [{ range: source.range(value.span), newText: JSON.stringify(wanted) }],
  }
}

function nearestName(mistake: Mistake): Fix | undefined {
  const nearest = /^did you mean "(.+)"\?$/.exec(mistake.hint)?.[1]
  return nearest === undefined ? undefined : replaceWith(mistake, nearest)
}

function replaceWith({ source, span, text }: Mistake, name: string): Fix {
  // An unknown inner block is underlined with its label.
  const end = span.start + text.trimEnd().length
  const newText = text.startsWith('"') ? JSON.stringify(name) : name
  return { title: `Change to "${name}"`, edits: [{ range: source.range({ start: span.start, end }), newText }] }
}

function removeLabel({ source, span }: Mistake): Fix {
  const start = span.start - (source.text[span.start - 1] === ' ' ? 1 : 0)
  return { title: 'Remove the label', edits: [{ range: source.range({ start, end: span.end }), newText: '' }] }
}

function removeArgument({ source, span, text }: Mistake): Fix | undefined {
  const attribute = findAt(source.parsed.file.body, span.start).attribute
  return attribute && { title: `Remove this "${text}"`, edits: [removal(source, attribute.span)] }
}

function removeBlock({ source, span }: Mistake): Fix | undefined {
  const block = blocksAt(source, span.start).at(-1)
  return block && { title: `Remove this ${nameOf(block)}`, edits: [removal(source, block.span)] }
}

/** With its lines, where nothing else is on them. */
function removal(source: Source, { start, end }: Span): TextEdit {
  const { text } = source
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', end)
  const alone =
    text.slice(lineStart, start).trim() === '' && text.slice(end, newline === -1 ? undefined : newline).trim() === ''
  const whole = alone ? { start: lineStart, end: newline === -1 ? text.length : newline + 1 } : { start, end }
  return { range: source.range(whole), newText: '' }
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
