import type { BinaryOperator, Expression, Identifier, ObjectField } from '../ast.ts'
import { numberValue } from '../scan/number.ts'
import type { Token, TokenKind } from '../scan/token.ts'
import { parseList } from './parse-list.ts'
import { SyntaxFailure, type TokenCursor } from './token-cursor.ts'

const precedence: Readonly<Partial<Record<TokenKind, number>>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
}

export function parseExpression(cursor: TokenCursor): Expression {
  return cursor.nested(() => parseBinary(cursor, 1))
}

function parseBinary(cursor: TokenCursor, minimum: number): Expression {
  let left = parsePower(cursor)
  for (;;) {
    const level = precedence[cursor.token.kind]
    if (level === undefined || level < minimum) return left
    cursor.grow()
    left = binary(left, cursor.take(), parseBinary(cursor, level + 1))
  }
}

/** `^` groups to the right. */
function parsePower(cursor: TokenCursor): Expression {
  const base = parseUnary(cursor)
  if (!cursor.at('^')) return base
  return binary(
    base,
    cursor.take(),
    cursor.nested(() => parsePower(cursor)),
  )
}

function binary(left: Expression, { kind, start, end }: Token, right: Expression): Expression {
  const operator = kind as BinaryOperator
  const operatorSpan = { start, end }
  return { kind: 'binary', operator, operatorSpan, left, right, span: { start: left.span.start, end: right.span.end } }
}

function parseUnary(cursor: TokenCursor): Expression {
  const { kind, start } = cursor.token
  if (kind !== '!' && kind !== '-') return parsePostfix(cursor)
  cursor.take()
  const operand = cursor.nested(() => parseUnary(cursor))
  return { kind: 'unary', operator: kind, operand, span: { start, end: operand.span.end } }
}

function parsePostfix(cursor: TokenCursor): Expression {
  let object = parsePrimary(cursor)
  for (;;) {
    const next = parseSuffix(cursor, object)
    if (next === undefined) return object
    cursor.grow()
    object = next
  }
}

function parseSuffix(cursor: TokenCursor, object: Expression): Expression | undefined {
  const { start } = object.span
  if (cursor.accept('.')) {
    const name = parseFieldName(cursor)
    return { kind: 'access', object, name, span: { start, end: name.span.end } }
  }
  if (cursor.accept('[')) {
    const index = parseExpression(cursor)
    return { kind: 'index', object, index, span: { start, end: cursor.expect(']').end } }
  }
  if (cursor.accept('(')) {
    const args = parseList(cursor, ')', () => parseExpression(cursor))
    return { kind: 'call', callee: object, args, span: { start, end: cursor.expect(')').end } }
  }
  if (cursor.at('{') || (cursor.at('string') && cursor.ahead(1).kind === '{')) blockAsValue(cursor, object)
  return undefined
}

function blockAsValue(cursor: TokenCursor, object: Expression): never {
  const span = { start: object.span.start, end: cursor.token.end }
  cursor.report('block-as-value', span, 'Cannot use a block as a value')
  throw new SyntaxFailure()
}

function parseFieldName(cursor: TokenCursor): Identifier {
  const { start, end } = cursor.expect('identifier')
  return { text: cursor.source.slice(start, end), span: { start, end } }
}

function parsePrimary(cursor: TokenCursor): Expression {
  const { kind, start, end, text } = cursor.token
  const span = { start, end }
  const raw = cursor.raw(span)
  switch (kind) {
    case 'identifier':
      cursor.take()
      return { kind: 'identifier', name: raw, span }
    case 'null':
      cursor.take()
      return { kind: 'literal', value: null, raw, span }
    case 'bool':
      cursor.take()
      return { kind: 'literal', value: raw === 'true', raw, span }
    case 'number':
      cursor.take()
      return { kind: 'literal', value: numberValue(raw), raw, span }
    case 'string':
      cursor.take()
      return { kind: 'literal', value: text!, raw, span }
    case '(':
      return parseParen(cursor)
    case '[':
      return parseArray(cursor)
    case '{':
      return parseObject(cursor)
    default:
      return cursor.unexpected('a value')
  }
}

function parseParen(cursor: TokenCursor): Expression {
  const { start } = cursor.take()
  const inner = parseExpression(cursor)
  const close = cursor.at('terminator') ? unclosedParen(cursor) : cursor.expect(')')
  return { kind: 'paren', inner, span: { start, end: close.end } }
}

function unclosedParen(cursor: TokenCursor): never {
  return cursor.unexpected('")"', 'an operator may end a line, but not begin one; put ")" on the line of the value')
}

function parseArray(cursor: TokenCursor): Expression {
  const { start } = cursor.take()
  const elements = parseList(cursor, ']', () => parseExpression(cursor))
  return { kind: 'array', elements, span: { start, end: cursor.expect(']').end } }
}

function parseObject(cursor: TokenCursor): Expression {
  const { start } = cursor.take()
  const fields = parseList(cursor, '}', () => parseField(cursor))
  return { kind: 'object', fields, span: { start, end: cursor.expect('}').end } }
}

/** A quoted key is taken as it stands, escapes undecoded; the empty key keeps its quotes as its name. */
function parseField(cursor: TokenCursor): ObjectField {
  const { kind, start, end } = cursor.token
  if (kind !== 'identifier' && kind !== 'string') cursor.unexpected('a key')
  cursor.take()
  const raw = cursor.source.slice(start, end)
  cursor.expect('=', '"=" after the key')
  const value = parseExpression(cursor)
  return { name: kind === 'string' && raw.length > 2 ? raw.slice(1, -1) : raw, nameSpan: { start, end }, value }
}
