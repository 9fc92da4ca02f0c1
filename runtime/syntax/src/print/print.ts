import type { Body, SourceFile, Statement } from '../ast.ts'
import { printExpression } from './print-expression.ts'
import { Writer } from './writer.ts'

/**
 * The canonical text of a file: indented with tabs, the `=` of neighbouring attributes aligned, blank lines and comments
 * kept, one newline at the end. Printing it again changes nothing. Only for a file that was read without errors: what
 * could not be read would be lost.
 */
export function print(file: SourceFile): string {
  const writer = new Writer(file)
  printStatements(writer, file.text, file.body)
  return writer.finish()
}

function printStatements(writer: Writer, source: string, body: Body): void {
  for (const [index, statement] of body.statements.entries()) {
    if (index > 0 && wantsBlankLine(writer, body.statements[index - 1]!, statement)) writer.space('break')
    const oneLine = printStatement(writer, source, statement)
    writer.space(oneLine ? 'newline' : 'break')
  }
}

/** In front of a block, and where the source has one. */
function wantsBlankLine(writer: Writer, before: Statement, statement: Statement): boolean {
  if (statement.kind === 'block') return true
  return writer.sourceLine(statement.span.start) - writer.sourceLine(before.span.end - 1) > 1
}

/** @returns whether the statement took one line, so that the next one can be aligned with it */
function printStatement(writer: Writer, source: string, statement: Statement): boolean {
  if (statement.kind === 'attribute') {
    writer.write(statement.name.text, statement.name.span)
    const { line } = writer
    writer.space('cell')
    writer.write('=')
    writer.space('blank')
    printExpression(writer, source, statement.value)
    return writer.line === line
  }
  const { name, label, body } = statement
  for (const [index, part] of name.entries()) {
    if (index > 0) writer.write('.')
    writer.write(part.text, part.span)
  }
  const { line } = writer
  if (label) {
    writer.space('blank')
    writer.write(`"${label.text}"`, label.span)
  }
  writer.space('blank')
  writer.write('{', { start: body.span.start, end: body.span.start + 1 })
  writer.space('indent', body.statements.length > 0 ? 'break' : 'blank')
  printStatements(writer, source, body)
  writer.space('unindent')
  writer.write('}', { start: body.span.end - 1, end: body.span.end })
  return writer.line === line
}
