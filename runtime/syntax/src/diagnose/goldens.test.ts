import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../diagnostic.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { EvaluationError } from '../evaluate/evaluation-error.ts'
import type { Scope } from '../evaluate/scope.ts'
import { parse } from '../parse/parse.ts'
import { stdlib } from '../stdlib/stdlib.ts'
import { makeSecret } from '../value/secret.ts'
import { renderDiagnostics } from './render-diagnostics.ts'

const testdata = join(import.meta.dirname, '../../testdata')

function cases(folder: string): string[] {
  return readdirSync(join(testdata, folder))
    .filter((name) => name.endsWith('.alloy'))
    .map((name) => name.replace('.alloy', ''))
}

function golden(folder: string, name: string, find: (file: string, text: string) => readonly Diagnostic[]) {
  const file = `${name}.alloy`
  const text = readFileSync(join(testdata, folder, file), 'utf8')
  const rendered = renderDiagnostics(find(file, text), new Map([[file, text]]), { color: false })
  return expect(rendered).toMatchFileSnapshot(join(testdata, folder, `${name}.diag.txt`))
}

describe('parse() reports every mistake of', () => {
  test.each(cases('diagnostics'))('%s.alloy', async (name) => {
    await golden('diagnostics', name, (file, text) => parse(file, text).diagnostics)
  })
})

describe('evaluate() explains every mistake of', () => {
  test.each(cases('evaluation'))('%s.alloy', async (name) => {
    await golden('evaluation', name, evaluationErrors)
  })
})

const library = stdlib({
  env: () => undefined,
  hostname: 'h',
  os: 'linux',
  arch: 'amd64',
  version: 'v1.0.0',
  path: posix,
})
const scope: Scope = {
  lookup: (name) => (name === 'secret' ? makeSecret('hunter2') : library[name]),
  suggest: () => [
    ...Object.keys(library),
    ...Object.keys(library['sys'] as object).map((name) => `sys.${name}`),
    'prometheus.remote_write.maim.receiver',
  ],
}

function evaluationErrors(file: string, text: string): Diagnostic[] {
  const { file: tree, diagnostics } = parse(file, text)
  expect(diagnostics).toEqual([])
  return tree.body.statements.flatMap((statement) => {
    if (statement.kind !== 'attribute') return []
    try {
      evaluate(statement.value, scope, file)
      return []
    } catch (error) {
      if (error instanceof EvaluationError) return [error.diagnostic]
      throw error
    }
  })
}
