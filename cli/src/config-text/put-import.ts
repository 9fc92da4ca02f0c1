import { parse, type BlockStatement, type Body, type Span, type Statement } from '@ingot/syntax'

export interface ImportText {
  readonly namespace: string
  readonly module: string
  readonly version: string
}

/**
 * The text of a configuration with an `import.module` block that says what is wanted. A block that is there keeps
 * everything that people wrote into it: only its module and version are set. Else one is added after the last registry
 * or import, where a reader looks for it.
 */
export function putImport(file: string, text: string, wanted: ImportText): string {
  const { body } = parse(file, text).file
  const block = body.statements.find(
    (statement): statement is BlockStatement =>
      isBlock(statement, /^import\.module$/) && statement.label?.text === wanted.namespace,
  )
  if (block) return setAttributes(text, block, { module: wanted.module, version: wanted.version })
  const added = `import.module "${wanted.namespace}" {\n\tmodule  = ${JSON.stringify(wanted.module)}\n\tversion = ${JSON.stringify(wanted.version)}\n}\n`
  const last = body.statements.findLast((statement) => isBlock(statement, /^(?:registry|import\..*)$/))
  if (!last) return text.trim() === '' ? added : `${added}\n${text}`
  const end = lineEnd(text, last.span.end)
  return `${text.slice(0, end)}\n${added}${text.slice(end)}`
}

function isBlock(statement: Statement, name: RegExp): statement is BlockStatement {
  return statement.kind === 'block' && name.test(statement.name.map((part) => part.text).join('.'))
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** From the last to the first, so that offsets stay right. */
function setAttributes(text: string, block: BlockStatement, values: Readonly<Record<string, string>>): string {
  const edits: Edit[] = []
  let missing = ''
  for (const [name, value] of Object.entries(values)) {
    const span = findAttribute(block.body, name)
    if (span) edits.push({ ...span, text: JSON.stringify(value) })
    else missing += `\n\t${name} = ${JSON.stringify(value)}`
  }
  if (missing !== '') edits.push(addition(text, block, missing))
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((changed, edit) => changed.slice(0, edit.start) + edit.text + changed.slice(edit.end), text)
}

/** Right behind the opening brace; what stands on its line moves to the next one. */
function addition(text: string, block: BlockStatement, missing: string): Edit {
  const open = text.indexOf('{', block.head.end) + 1
  const restOfLine = text.slice(open, lineEnd(text, open))
  if (restOfLine.trim() === '') return { start: open, end: open, text: missing }
  return { start: open, end: open + restOfLine.length - restOfLine.trimStart().length, text: `${missing}\n` }
}

function findAttribute(body: Body, name: string): Span | undefined {
  for (const statement of body.statements) {
    if (statement.kind === 'attribute' && statement.name.text === name) return statement.value.span
  }
  return undefined
}

/** Behind the line break that ends the line of an offset; a comment at the line's end stays with its block. */
function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  return newline < 0 ? text.length : newline + 1
}
