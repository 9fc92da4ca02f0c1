import type { Body, Identifier, Span, Statement } from '../ast.ts'
import { isIdentifier } from '../scan/identifier.ts'
import { parseExpression } from './parse-expression.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads statements up to `until`, which is left for the caller. A broken statement is reported and skipped. */
export function parseBody(cursor: TokenCursor, until: '}' | 'end'): Body {
  const { start } = cursor.token
  const statements: Statement[] = []
  while (!cursor.at(until) && !cursor.at('end')) {
    const statement = cursor.attempt(
      () => parseLine(cursor, until),
      (open) => cursor.skipStatement(open),
    )
    if (statement) statements.push(statement)
    // A brace that closes nothing was reported as what is no name; nobody else takes it.
    if (until === 'end') cursor.accept('}')
    cursor.accept('terminator')
  }
  return { statements, span: { start, end: cursor.lastEnd } }
}

function parseLine(cursor: TokenCursor, until: '}' | 'end'): Statement {
  const statement = parseStatement(cursor)
  if (!cursor.at('terminator') && !cursor.at(until) && !cursor.at('end')) {
    cursor.attempt(
      () =>
        cursor.unexpected(
          'the end of the line',
          cursor.at('identifier') ? 'each statement stands on a line of its own' : undefined,
        ),
      (open) => cursor.skipStatement(open),
    )
  }
  return statement
}

function parseStatement(cursor: TokenCursor): Statement {
  const name = parseName(cursor)
  const label = cursor.at('string') ? parseLabel(cursor) : undefined
  if (cursor.accept('=')) return parseAttribute(cursor, name, label?.span)
  const head = { start: name[0]!.span.start, end: cursor.lastEnd }
  if (!cursor.at('{')) cursor.unexpected(label || name.length > 1 ? '"{"' : '"=" or "{"', labelAdvice(cursor))
  const body = cursor.nested(() => parseBraces(cursor, head))
  return {
    kind: 'block',
    name,
    ...(label && label.text !== '' && { label }),
    body,
    span: { start: head.start, end: cursor.lastEnd },
    head,
  }
}

function labelAdvice(cursor: TokenCursor): string | undefined {
  return cursor.at('identifier') && cursor.ahead(1).kind === '{' ? 'put the label in double quotes' : undefined
}

function parseAttribute(cursor: TokenCursor, name: readonly Identifier[], label: Span | undefined): Statement {
  const first = name[0]!
  const span = { start: first.span.start, end: label?.end ?? name.at(-1)!.span.end }
  if (name.length > 1) {
    const text = name.map((part) => part.text).join('.')
    cursor.report('invalid-attribute-name', span, `Cannot set "${text}": the name of an attribute has no dots`)
  } else if (label) {
    cursor.report('invalid-attribute-name', label, `Cannot set "${first.text}": an attribute has no label`)
  }
  const value = parseExpression(cursor)
  return { kind: 'attribute', name: first, value, span: { start: first.span.start, end: cursor.lastEnd } }
}

/** The body's span includes its braces. */
function parseBraces(cursor: TokenCursor, head: Span): Body {
  const { start } = cursor.expect('{')
  const { statements } = parseBody(cursor, '}')
  if (cursor.at('}')) {
    if (!sameIndentation(cursor.source, head.start, cursor.token.start)) cursor.suspect ??= head
    cursor.take()
  } else {
    const message = `Cannot read block ${cursor.raw(head)}: found the end of the file, want "}"`
    const inside = cursor.suspect && cursor.suspect.start > head.start ? cursor.suspect : undefined
    const advice = inside && `by its indentation, ${cursor.raw(inside)} in it is the block that lacks its "}"`
    cursor.report('unclosed-block', head, message, { advice: advice ?? 'add the missing "}"' })
  }
  return { statements, span: { start, end: cursor.lastEnd } }
}

function parseName(cursor: TokenCursor): Identifier[] {
  const name = [parseIdentifier(cursor)]
  while (cursor.accept('.')) name.push(parseIdentifier(cursor))
  return name
}

function parseIdentifier(cursor: TokenCursor): Identifier {
  const { start, end } = cursor.expect('identifier')
  return { text: cursor.source.slice(start, end), span: { start, end } }
}

function parseLabel(cursor: TokenCursor): { text: string; span: Span } {
  const { start, end } = cursor.take()
  const raw = cursor.source.slice(start, end)
  const text = raw.slice(1, raw.length > 1 && raw.endsWith('"') ? -1 : undefined)
  if (!raw.startsWith('"')) {
    cursor.report('invalid-label', { start, end }, 'Cannot use a raw string as a label: want double quotes')
  } else if (text !== '' && !isIdentifier(text)) {
    cursor.report('invalid-label', { start, end }, `Cannot use ${raw.slice(0, 80)} as a label: it is not an identifier`)
  }
  return { text, span: { start, end } }
}

/** Whether a closing brace that begins its line is indented as the line of its block's head. */
function sameIndentation(source: string, head: number, brace: number): boolean {
  const before = source.slice(source.lastIndexOf('\n', brace - 1) + 1, brace)
  if (before.trim() !== '') return true
  return indentation(source, head) === before
}

function indentation(source: string, at: number): string {
  return /^[ \t]*/.exec(source.slice(source.lastIndexOf('\n', at) + 1, at))![0]
}
