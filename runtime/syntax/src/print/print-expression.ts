import type { Expression, ObjectField, Span } from '../ast.ts'
import type { Writer } from './writer.ts'

export function printExpression(writer: Writer, source: string, expression: Expression): void {
  const print = (inner: Expression) => printExpression(writer, source, inner)
  switch (expression.kind) {
    case 'literal':
      return writer.write(withoutReturns(expression.raw), expression.span)
    case 'identifier':
      return writer.write(expression.name, expression.span)
    case 'paren':
      writer.write('(', first(expression.span))
      print(expression.inner)
      return writer.write(')', last(expression.span))
    case 'access':
      print(expression.object)
      // A point right after digits would be part of the number.
      if (expression.object.kind === 'literal' && typeof expression.object.value !== 'string') writer.space('blank')
      writer.write('.')
      return writer.write(expression.name.text, expression.name.span)
    case 'index':
      print(expression.object)
      writer.write('[')
      print(expression.index)
      return writer.write(']', last(expression.span))
    case 'call':
      print(expression.callee)
      writer.write('(')
      return printItems(
        writer,
        expression.args,
        print,
        { start: expression.callee.span.end, end: expression.span.end },
        ')',
      )
    case 'array':
      writer.write('[', first(expression.span))
      return printItems(writer, expression.elements, print, expression.span, ']')
    case 'object':
      return printObject(writer, source, expression)
    case 'unary':
      writer.write(expression.operator, first(expression.span))
      return print(expression.operand)
    case 'binary':
      print(expression.left)
      writer.space('blank')
      writer.write(expression.operator, expression.operatorSpan)
      writer.space('blank')
      return print(expression.right)
  }
}

/** Elements or arguments: each on the line of the one before it or on one of its own, as in the source. */
function printItems(
  writer: Writer,
  items: readonly Expression[],
  print: (item: Expression) => void,
  around: Span,
  closer: string,
): void {
  let lineBefore = writer.sourceLine(around.start)
  for (const [index, item] of items.entries()) {
    const ownLine = writer.sourceLine(item.span.start) !== lineBefore
    if (ownLine) writer.space('indent', 'break')
    else if (index > 0) writer.space('blank')
    print(item)
    if (index < items.length - 1) writer.write(',')
    if (ownLine) writer.space('unindent')
    lineBefore = writer.sourceLine(item.span.end - 1)
  }
  const ownLine = items.length > 0 && writer.sourceLine(around.end - 1) !== lineBefore
  if (ownLine) writer.write(',')
  writer.space('indent')
  if (ownLine) writer.space('break')
  writer.space('unindent')
  writer.write(closer, last(around))
}

function printObject(writer: Writer, source: string, object: Expression & { kind: 'object' }): void {
  writer.write('{', first(object.span))
  writer.space('indent')
  let lineBefore = writer.sourceLine(object.span.start)
  let oneLine = true
  for (const [index, field] of object.fields.entries()) {
    if (!oneLine) writer.space('break')
    else if (writer.sourceLine(field.nameSpan.start) !== lineBefore) writer.space(index > 0 ? 'newline' : 'break')
    else if (index > 0) writer.space('blank')
    oneLine = printField(writer, source, field)
    if (index < object.fields.length - 1) writer.write(',')
    lineBefore = writer.sourceLine(field.value.span.end - 1)
  }
  const ownLine = object.fields.length > 0 && (!oneLine || writer.sourceLine(object.span.end - 1) !== lineBefore)
  if (ownLine) {
    writer.write(',')
    writer.space('break')
  }
  writer.space('unindent')
  writer.write('}', last(object.span))
}

/** @returns whether the value took one line: after one of several lines, the next field or brace begins a new line */
function printField(writer: Writer, source: string, field: ObjectField): boolean {
  writer.write(source.slice(field.nameSpan.start, field.nameSpan.end), field.nameSpan)
  const { line } = writer
  writer.space('cell')
  writer.write('=')
  writer.space('blank')
  printExpression(writer, source, field.value)
  return writer.line === line
}

function first({ start }: Span): Span {
  return { start, end: start + 1 }
}

function last({ end }: Span): Span {
  return { start: end - 1, end }
}

/** Carriage returns are not part of a raw string; of one in quotes they are. */
function withoutReturns(literal: string): string {
  return literal.startsWith('`') ? literal.replaceAll('\r', '') : literal
}
