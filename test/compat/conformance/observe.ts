import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { validateConfiguration } from '@ingot/engine'
import { parse, position, print, type Diagnostic, type ObjectValue, type Value } from '@ingot/syntax'
import { alloyDistribution } from './alloy-distribution.ts'
import type { Expectation } from './expectation.ts'
import { readValue } from './read-value.ts'
import { showValue } from './show-value.ts'

const distribution = alloyDistribution()

/** Warnings that are advice, and not part of what the language says: their own folder is about them. */
const advice: ReadonlySet<string> = new Set([
  'unused-component',
  'unused-import',
  'argument-at-default',
  'revealed-secret',
  'deprecated-component',
  'deprecated-argument',
])

/** What is so of a configuration, as far as `expected` asks for it. */
export async function observe(path: string, expected: Expectation): Promise<Expectation> {
  const folder = dirname(path)
  const given = new Map(expected.given.map(([id, text]) => [id, readValue(text) as ObjectValue]))
  const { errors, diagnostics, texts, validated } = await validateConfiguration({
    configPath: path,
    distribution,
    cacheDir: join(folder, 'absent'),
    stabilityLevel: /-experimental\//.test(path) ? 'experimental' : 'generally-available',
    color: false,
    liveExports: (id) => given.get(id),
  })
  const { graph, evaluation, frames } = validated
  const told = diagnostics.filter(({ code }) => path.includes('/advice/') || !advice.has(code))
  return {
    accepted: errors === 0,
    given: expected.given,
    diagnostics: told.map((diagnostic) => place(diagnostic, texts, path)),
    values: expected.values.map(([name]) => {
      const id = longestPrefix(name, [...graph.nodes.keys()])
      const value = id === undefined ? undefined : evaluation.valueOf(id)?.value
      return [name, showValue(id === undefined ? undefined : field(value, name.slice(id.length + 1)))]
    }),
    arguments: expected.arguments.map(([name]) => {
      const [id = '', steps = ''] = name.split(' ')
      const whole: unknown = frames.get(id)?.value
      const at = steps === '' ? whole : steps.split('.').reduce<unknown>(step, whole)
      return [name, JSON.stringify(at) ?? 'nothing']
    }),
    nodes: expected.nodes && [...graph.nodes.keys()],
    references: expected.references.filter((reference) => {
      const [from = '', to = ''] = reference.split(' -> ')
      return graph.dependencies.get(from)?.has(to) ?? false
    }),
    printed: expected.printed === undefined ? undefined : printed(path, expected.printed),
  }
}

function place({ severity, code, file, span }: Diagnostic, texts: ReadonlyMap<string, string>, path: string): string {
  const text = texts.get(file)
  const name = file === path ? '' : `${isAbsolute(file) ? relative(dirname(path), file) : file}:`
  const at = span && text !== undefined ? position(text, span.start) : undefined
  return `${severity} ${name}${at ? `${at.line}:${at.column}` : '-'} ${code}`
}

function longestPrefix(name: string, ids: readonly string[]): string | undefined {
  return ids.filter((id) => name === id || name.startsWith(`${id}.`)).sort((a, b) => b.length - a.length)[0]
}

function field(value: Value | undefined, steps: string): Value | undefined {
  if (steps === '') return value
  return steps.split('.').reduce<unknown>(step, value) as Value | undefined
}

function step(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function printed(path: string, wanted: string): string {
  const source = readFileSync(path, 'utf8')
  const text = print(parse(path, source).file)
  return wanted === 'same' && text === source ? 'same' : text
}
