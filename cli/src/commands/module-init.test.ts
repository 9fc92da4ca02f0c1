import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { moduleTemplate, templates } from '../module-template.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const main = join(root, 'cli/src/main.ts')

interface Result {
  readonly code: number
  readonly out: string
}

function run(cwd: string, program: string, ...args: string[]): Promise<Result> {
  // What the test runner sets for its own children must not reach the runner that is started here.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)),
  )
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], { cwd, env: { ...env, NO_COLOR: '1' } }, (error, out, err) => {
      done({ code: error ? Number(error.code) : 0, out: out + err })
    })
  })
}
const ingot = (cwd: string, ...args: string[]) => run(cwd, main, ...args)
const tsc = (cwd: string) => run(cwd, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-init-test-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

const kinds = templates.flatMap((template) => [
  { template, language: 'ts' as const },
  { template, language: 'js' as const },
])

test.each(kinds)(
  'a $template in $language type-checks, passes its tests, and its configurations hold',
  { timeout: 120_000 },
  async (kind) => {
    const { template, language } = kind
    const dir = join(await folder(), 'made-here')
    const flags = ['--name', '@acme/made-here', '--template', template, ...(language === 'js' ? ['--javascript'] : [])]
    expect(await ingot(root, 'module', 'init', dir, ...flags)).toMatchObject({ code: 0 })
    const sources = (await readdir(dir, { recursive: true })).filter((path) => !path.startsWith('node_modules'))
    expect(sources.filter((path) => path.endsWith(language === 'js' ? '.ts' : '.js'))).toEqual([])
    for (const path of sources.filter((each) => /\.\w+$/.test(each)))
      expect(await readFile(join(dir, path), 'utf8'), path).not.toMatch(/my.module|my-team/)
    expect(await tsc(dir)).toEqual({ code: 0, out: '' })
    expect(await ingot(dir, 'module', 'test')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/passed[\s\S]*✓ examples\/\w+\.alloy\n✓ tests\/\w+\.alloy/),
    })
  },
)

test.each(templates)('what is left of a %s without its types is formatted', async (template) => {
  const dir = await folder()
  for (const [path, text] of await moduleTemplate({ name: '@acme/it', template, javascript: true })) {
    await mkdir(join(dir, path, '..'), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  const config = join(root, '.oxfmtrc.json')
  expect(await run(dir, join(root, 'node_modules/oxfmt/bin/oxfmt'), '-c', config, '--check', dir)).toMatchObject({
    code: 0,
  })
})

test.each([
  { template: 'source', language: 'ts', before: 'const response = ', use: 'env.fs.read' },
  { template: 'sink', language: 'js', before: 'const request = ', use: 'env.clock.now' },
])('undeclared use in a $template in $language does not compile', { timeout: 60_000 }, async (kind) => {
  const { template, language, before, use } = kind
  const dir = join(await folder(), 'made')
  await ingot(root, 'module', 'init', dir, '--template', template, ...(language === 'js' ? ['--javascript'] : []))
  const paths = (await readdir(dir, { recursive: true })).filter((path) => !path.startsWith('node_modules'))
  const component = join(
    dir,
    paths.find((path) => path.endsWith(`component.${language}`))!,
  )
  const source = await readFile(component, 'utf8')
  expect(source).toContain(before)
  await writeFile(component, source.replace(before, `void ${use}\n${before}`))
  const { code, out } = await tsc(dir)
  expect([code, out]).toEqual([1, expect.stringContaining(`Property '${use.split('.')[1]!}' does not exist on type`)])
})

test.each([
  [['x', '--name', 'Nonsense'], 'Cannot make a module named "Nonsense": want "@scope/name" in lower case'],
  [['x', '--name', '@a/b'], 'Cannot make a module named "@a/b"'],
  [['full'], 'the folder is not empty, it holds "kept.txt"'],
  [['full/kept.txt/made'], 'not a directory'],
  [['x', '--template', 'robot'], 'Allowed choices are source, transform, sink, discovery'],
])('ingot module init refuses %j', async (args, message) => {
  const dir = await folder()
  await mkdir(join(dir, 'full'))
  await writeFile(join(dir, 'full/kept.txt'), 'kept')
  const refused = await ingot(dir, 'module', 'init', ...args)
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining(message)])
  expect(await readdir(dir)).toEqual(['full'])
})
