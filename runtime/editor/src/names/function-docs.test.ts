import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { functionDocs } from './function-docs.ts'

interface Fact {
  readonly name: string
  readonly returns: string
  readonly params: readonly {
    readonly name: string
    readonly type: string
    readonly variadic?: boolean
    readonly optional?: boolean
    readonly default?: string
  }[]
}

const facts = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/compat/reference/stdlib.json'), 'utf8'),
) as { readonly functions: readonly Fact[] }

test('functionDocs has every function of the language, with the signature that Alloy has', () => {
  const signatures = Object.fromEntries(facts.functions.map((fact) => [fact.name, signature(fact)]))
  const documented = Object.entries(functionDocs).map(([name, docs]) => [name, docs.signature])
  expect(Object.fromEntries(documented)).toEqual(signatures)
})

function signature({ name, params, returns }: Fact): string {
  const written = params.map((param) => {
    const fallback = param.optional ? ` = ${param.default}` : ''
    return `${param.name}${param.variadic ? '…' : ''} ${param.type}${fallback}`
  })
  return `${name}(${written.join(', ')}) ${returns}`
}
