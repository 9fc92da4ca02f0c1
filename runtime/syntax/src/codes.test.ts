import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codes } from './codes.ts'

const sources = ['scan', 'parse', 'evaluate', 'decode-source.ts'].flatMap((name) =>
  filesOf(join(import.meta.dirname, name)),
)
const raised = Object.keys(codes).filter((code) => sources.some((text) => text.includes(`'${code}'`)))
const goldens = filesOf(join(import.meta.dirname, '../testdata')).join('')

test.each(raised.filter((code) => code !== 'invalid-encoding'))('%s has a golden case', (code) => {
  expect(goldens).toContain(`[${code}]`)
})

test('every code says what it means', () => {
  for (const [code, { meaning }] of Object.entries(codes)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(meaning).toMatch(/^[A-Z].*\.$/)
  }
})

function filesOf(path: string): string[] {
  if (path.endsWith('.ts')) return [readFileSync(path, 'utf8')]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}
