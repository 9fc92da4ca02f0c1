import { parse, type BlockStatement, type Body, type Statement } from '@ingot/syntax'

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
  const added = `import.module "${wanted.namespace}" {\n  module  = ${JSON.stringify(wanted.module)}\n  version = ${JSON.stringify(wanted.version)}\n}\n`
  const last = body.statements.findLast((statement) => isBlock(statement, /^(?:registry|import\..*)$/))
  if (!last) return text.trim() === '' ? added : `${added}\n${text}`
  const end = lineEnd(text, last.span.end)
  return `${text.slice(0, end)}\n${added}${text.slice(end)}`
}

function isBlock(statement: Statement, name: RegExp): statement is BlockStatement {
  return statement.kind === 'block' && name.test(statement.name.map((part) => part.text).join('.'))
}

/** From the last to the first, so that offsets stay right. */
function setAttributes(text: string, block: BlockStatement, values: Readonly<Record<string, string>>): string {
  const edits = Object.entries(values).map(([name, value]) => edit(text, block, name, value))
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce(
      (changed, { start, end, with: replacement }) => changed.slice(0, start) + replacement + changed.slice(end),
      text,
    )
}

function edit(
  text: string,
  block: BlockStatement,
  name: string,
  value: string,
): { start: number; end: number; with: string } {
  const literal = JSON.stringify(value)
  const attribute = findAttribute(block.body, name)
  if (attribute) return { start: attribute.start, end: attribute.end, with: literal }
  const open = text.indexOf('{', block.head.end) + 1
  return { start: open, end: open, with: `\n  ${name} = ${literal}` }
}

function findAttribute(body: Body, name: string): { start: number; end: number } | undefined {
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
