import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseExpectation } from './expectation.ts'
import { observe } from './observe.ts'

/** Cases are added, and only replaced by others. */
const casesMin = 600

const root = join(import.meta.dirname, 'cases')
const topics = readdirSync(root).sort()

describe.each(topics)('%s', (topic) => {
  const folder = join(root, topic)
  const cases = readdirSync(folder).filter((name) => name.endsWith('.alloy'))
  test.each(cases.map((name) => name.replace(/\.alloy$/, '')))('%s', async (name) => {
    const expected = parseExpectation(readFileSync(join(folder, `${name}.expect`), 'utf8'))
    expect(await observe(join(folder, `${name}.alloy`), expected)).toEqual(expected)
  })
})

test('every case has an expectation, and every expectation a case', () => {
  const lonely = topics.flatMap((topic) => {
    const entries = readdirSync(join(root, topic), { withFileTypes: true }).filter((entry) => entry.isFile())
    const without = (ending: string) =>
      entries.filter(({ name }) => name.endsWith(ending)).map(({ name }) => name.slice(0, -ending.length))
    const [cases, expectations] = [without('.alloy'), without('.expect')]
    const lacks = (names: readonly string[]) => (name: string) => !names.includes(name)
    const alone = [...cases.filter(lacks(expectations)), ...expectations.filter(lacks(cases))]
    return alone.map((name) => `${topic}/${name}`)
  })
  expect(lonely).toEqual([])
})

test('there are cases of all that the language does', () => {
  const cases = topics.flatMap((topic) => readdirSync(join(root, topic)).filter((name) => name.endsWith('.alloy')))
  expect(cases.length).toBeGreaterThanOrEqual(casesMin)
})
