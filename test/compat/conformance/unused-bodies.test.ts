import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { validateConfiguration } from '@ingot/engine'
import { alloyDistribution } from './alloy-distribution.ts'
import { parseExpectation } from './expectation.ts'

const root = join(import.meta.dirname, 'cases')
const distribution = alloyDistribution()

/** Blocks that only the root of a configuration may have, and imports, whose files are found from there. */
const rootBlocks = /^(logging|http|tracing|remotecfg|livedebugging|ingot|registry|import\.\w+)\b/m
/** A byte order mark, or text in another encoding than UTF-8. */
const otherEncoding = /[\0\u{FEFF}\u{FFFD}]/u
/** Warnings about names, which are the same wherever they are used. */
const aboutNames: ReadonlySet<string> = new Set(['shadowed-function', 'deprecated-function'])

/** Every configuration that the cases accept and that could be the body of a module. */
function* acceptedBodies(): Generator<readonly [string, string]> {
  for (const topic of readdirSync(root)) {
    for (const name of readdirSync(join(root, topic))) {
      if (!name.endsWith('.alloy')) continue
      const path = join(root, topic, name)
      const expected = parseExpectation(readFileSync(path.replace(/\.alloy$/, '.expect'), 'utf8'))
      const text = readFileSync(path, 'utf8')
      const isBody = !rootBlocks.test(text) && !otherEncoding.test(text)
      if (expected.accepted && expected.diagnostics.length === 0 && isBody) yield [`${topic}/${name}`, text]
    }
  }
}

test.each([
  ['a declare that nothing instantiates', (body: string) => `declare "unused" {\n${body}\n}\n`],
  [
    'a template without items',
    (body: string) => `foreach "each" {\ncollection = []\nvar = "item"\ntemplate {\n${body}\n}\n}\n`,
  ],
])('what is right at the root is right in %s', { timeout: 120_000 }, async (_, wrapped) => {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-unused-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const configPath = join(folder, 'config.alloy')
  const found: string[] = []
  let checked = 0
  for (const [name, body] of acceptedBodies()) {
    writeFileSync(configPath, wrapped(body))
    const settings = { distribution, cacheDir: folder, stabilityLevel: 'experimental', color: false } as const
    const { diagnostics } = await validateConfiguration({ configPath, ...settings })
    for (const { code, message } of diagnostics) if (!aboutNames.has(code)) found.push(`${name}: ${code}: ${message}`)
    checked++
  }
  expect(found).toEqual([])
  expect(checked).toBeGreaterThan(300)
})
