import { posix } from 'node:path'
import type { Expression } from '../ast.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import type { Scope } from '../evaluate/scope.ts'
import { parse } from '../parse/parse.ts'
import { stdlib } from '../stdlib/stdlib.ts'
import type { Value } from '../value.ts'

export const library = stdlib({
  env: (name) => (name === 'HOME' ? '/root' : undefined),
  hostname: 'box',
  os: 'linux',
  arch: 'amd64',
  version: '',
  path: posix,
})

/** The tree of one expression. */
export function expressionOf(text: string): Expression {
  const { file, diagnostics } = parse('test.alloy', `x = ${text}\n`)
  const statement = file.body.statements[0]
  if (diagnostics[0]) throw new Error(diagnostics[0].message)
  if (statement?.kind !== 'attribute') throw new Error('Cannot read expression: it is empty')
  return statement.value
}

/** The value of one expression, with the standard library and `names` in scope. */
export function evaluateText(text: string, names: Readonly<Record<string, Value>> = {}): Value {
  const scope: Scope = { lookup: (name) => (Object.hasOwn(names, name) ? names[name] : library[name]) }
  return evaluate(expressionOf(text), scope, 'test.alloy')
}
