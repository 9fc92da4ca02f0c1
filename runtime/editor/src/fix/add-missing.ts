import type { BlockStatement } from '@ingot/syntax'
import type { TextEdit } from 'vscode-languageserver'
import { argumentsOf } from '../names/arguments.ts'
import { findAt } from '../source/find-at.ts'
import { nameOf, partAt } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import type { Fix, Mistake } from './fix.ts'

/** The hint names what is missing: `add url = …`, `add endpoint { … }`. */
export function addMissing({ names, set, source, span, hint }: Mistake): Fix | undefined {
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

export function blocksAt(source: Source, offset: number): readonly BlockStatement[] {
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
export function insertIntoBody(source: Source, { body, head }: BlockStatement, line: string): TextEdit {
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

export function indentation(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))![0]
}
