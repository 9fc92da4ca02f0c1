import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LanguageChecks, validateConfiguration } from '@ingot/engine'
import { defaultCacheDir, type Distribution } from '@ingot/loader'
import { parse, print, renderDiagnostics } from '@ingot/syntax'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { documentedUrl, ExampleRegistry } from './example-registry.ts'
import { loadDistribution, root } from './reference-pages.ts'
import { fencedSnippets, snippets, unmarkedConfigurations } from './snippets.ts'

const cacheDir = defaultCacheDir(root)
const all = snippets()
let distribution: Distribution
let registry: ExampleRegistry
let folder: string

beforeAll(async () => {
  distribution = await loadDistribution()
  registry = await ExampleRegistry.start()
  folder = await mkdtemp(join(tmpdir(), 'ingot-docs-'))
  vi.stubEnv('QUICKSTART_REGISTRY', registry.url)
  for (const name of ['REMOTE_WRITE', 'SINK']) vi.stubEnv(`QUICKSTART_${name}`, 'http://127.0.0.1:9411')
  vi.stubEnv('QUICKSTART_LOG', '/var/log/app.log')
  for (const name of ['OTLP', 'OTLP_GRPC']) vi.stubEnv(`QUICKSTART_${name}`, '127.0.0.1:4318')
}, 180_000)

afterAll(async () => {
  vi.unstubAllEnvs()
  await registry.close()
  await rm(folder, { recursive: true, force: true })
})

describe('configurations in the documentation and the examples hold', () => {
  test.each(all.filter(({ fragment }) => !fragment))('$place', async ({ place, text }) => {
    expect(await validate(place, text.replaceAll(documentedUrl, registry.url))).toBe('')
  })
})

test.each(snippets().filter(({ fragment }) => !fragment))(
  '$place is formatted as ingot fmt does',
  ({ place, text }) => {
    expect(print(parse(place, text).file)).toBe(text)
  },
)

/** What a part of a configuration may be told: it refers to what stands elsewhere, and only that is missing. */
const missingElsewhere: ReadonlySet<string> = new Set([
  'missing-reference',
  'unknown-component',
  'unused-component',
  'unused-import',
])

test.each(all.filter(({ fragment }) => fragment))(
  '$place, a part of a configuration, lacks only what stands elsewhere',
  ({ place, text }) => {
    const { file, diagnostics } = parse(place, text)
    expect(renderDiagnostics(diagnostics, new Map([[place, text]]), { color: false })).toBe('')
    const checks = new LanguageChecks({ distribution, cacheDir, stabilityLevel: 'experimental' })
    const found = checks.validate([file], folder, new Map()).diagnostics
    const wrong = found.filter(({ code, severity }) => severity === 'error' && !missingElsewhere.has(code))
    expect(renderDiagnostics(wrong, new Map([[place, text]]), { color: false })).toBe('')
  },
)

test('no configuration hides in a fence of another kind', () => {
  const checks = new LanguageChecks({ distribution, cacheDir, stabilityLevel: 'experimental' })
  const isBlock = (name: string) => distribution.lookup(name) !== undefined || checks.configSchemas.has(name)
  expect(unmarkedConfigurations(isBlock)).toEqual([])
})

test('fencedSnippets() finds whole configurations and fragments, in lists too', () => {
  const text =
    '# T\n\n```alloy\nlogging { }\n```\n\n- item\n\n  ```alloy fragment\n  a "b" { }\n  ```\n\n```text\nx\n```\n'
  expect(fencedSnippets('x.md', text)).toEqual([
    { place: 'x.md:3', text: 'logging { }\n', fragment: false },
    { place: 'x.md:9', text: 'a "b" { }\n', fragment: true },
  ])
})

/** What a reader would see who puts the text into a file and runs `ingot module add` and `ingot validate`. */
async function validate(place: string, text: string): Promise<string> {
  const dir = join(folder, place.replaceAll(/\W+/g, '-'))
  await mkdir(dir, { recursive: true })
  await registry.pin(text, 'config.alloy', dir, cacheDir)
  const configPath = join(dir, 'config.alloy')
  await writeFile(configPath, text)
  const { printed } = await validateConfiguration({
    configPath,
    distribution,
    cacheDir,
    stabilityLevel: 'experimental',
    color: false,
  })
  return printed
}
