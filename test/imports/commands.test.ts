import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { GitOrigin, serveGitOverHttp } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'

/** Of all tests here: what they clone and fetch goes with it. */
const cacheDir = mkdtempSync(join(tmpdir(), 'ingot-imports-cache-'))
process.env['INGOT_CACHE'] = cacheDir
afterAll(() => {
  delete process.env['INGOT_CACHE']
  rmSync(cacheDir, { recursive: true, force: true })
})

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-imports-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** `ingot <args>` in a folder, as from a shell. */
function ingot(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

const declared = (inner: string) => `declare "reader" {
	local.file "${inner}" {
		filename = module_path + "/lib.alloy"
	}

	export "text" {
		value = local.file.${inner}.content
	}
}
`
const config = (repository: string) => `import.git "lib" {
	repository     = "${repository}"
	path           = "lib.alloy"
	pull_frequency = "200ms"
}

lib.reader "a" { }

local.file_match "shown" {
	path_targets = [{__path__ = lib.reader.a.text}]
}
`
const running = async (collector: Collector) => (await collector.live()).components.map(({ id }) => id)

test(
  'a collector follows a repository, goes on without it, and starts again from its clone',
  { timeout: 120_000 },
  async (context) => {
    requireServer('git', context)
    const origin = GitOrigin.make({ 'lib.alloy': declared('one') })
    const server = await serveGitOverHttp(origin)
    const dir = folder()
    const collector = await Collector.start({ config: config(server.url), dir })
    onTestFinished(() => collector.stop())
    expect(await running(collector)).toContain('lib.reader.a/local.file.one')
    origin.commit({ 'lib.alloy': declared('two') })
    await until(async () => (await running(collector)).includes('lib.reader.a/local.file.two'), 'the new commit to run')
    expect(await running(collector)).not.toContain('lib.reader.a/local.file.one')
    origin.commit({ 'lib.alloy': 'declare "reader" {' })
    await until(() => collector.process.output.includes('unclosed-block'), 'the mistake to be told')
    expect(await running(collector)).toContain('lib.reader.a/local.file.two')
    origin.commit({ 'lib.alloy': declared('three') })
    await until(async () => (await running(collector)).includes('lib.reader.a/local.file.three'), 'the repair to run')
    await server.stop()
    await until(
      async () => /ingot_import_healthy\{import_id="import\.git\.lib"\} 0/.test(await collector.metrics()),
      'the import to be unhealthy',
    )
    expect(await (await collector.get('/')).text()).toContain('<code>import.git.lib</code>: cannot be fetched')
    await collector.process.stop('SIGKILL')
    const again = await Collector.start({ config: config(server.url), dir })
    onTestFinished(() => again.stop())
    expect(await running(again)).toContain('lib.reader.a/local.file.three')
    expect(await again.live()).toMatchObject({ imports: [{ id: 'import.git.lib', health: 'unhealthy' }] })
  },
)

test('ingot module lock pins, and --frozen ends with 3 for what has moved', { timeout: 120_000 }, async (context) => {
  requireServer('git', context)
  const origin = GitOrigin.make({ 'lib.alloy': declared('one') })
  const dir = folder()
  writeFileSync(join(dir, 'config.alloy'), config(origin.path))
  const unpinned = await ingot(dir, 'validate', '--frozen', 'config.alloy')
  expect(unpinned.code).toBe(3)
  expect(unpinned.stderr).toContain('hint: run "ingot module lock config.alloy" and review the change')
  const locked = await ingot(dir, 'module', 'lock', 'config.alloy')
  expect(locked).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/config\.alloy#import\.git\.lib: main at [\da-f]{40} \(new\)/),
  })
  expect(await ingot(dir, 'validate', '--frozen', 'config.alloy')).toMatchObject({ code: 0 })
  const lock = readFileSync(join(dir, 'ingot.lock'), 'utf8')
  origin.commit({ 'lib.alloy': declared('two') })
  expect(await ingot(dir, 'validate', 'config.alloy')).toMatchObject({ code: 0 })
  expect(await ingot(dir, 'validate', '--frozen', 'config.alloy')).toMatchObject({ code: 3 })
  const run = await ingot(dir, 'run', '--frozen', '--server.http.listen-addr=127.0.0.1:0', 'config.alloy')
  expect(run.code).toBe(3)
  expect(run.stderr).toMatch(/ingot\.lock pins "main" to the commit [\da-f]{40}, and it was found at [\da-f]{40}/)
  expect(readFileSync(join(dir, 'ingot.lock'), 'utf8')).toBe(lock)
  const accepted = await ingot(dir, 'module', 'lock')
  expect(accepted.stdout).toMatch(/main at [\da-f]{40} \(was main at [\da-f]{40}\)/)
  expect(await ingot(dir, 'validate', '--frozen', 'config.alloy')).toMatchObject({ code: 0 })
  const broken = origin.commit({ 'lib.alloy': 'declare "reader" {' })
  expect(await ingot(dir, 'module', 'lock', 'config.alloy')).toMatchObject({ code: 1, stdout: '' })
  expect(readFileSync(join(dir, 'ingot.lock'), 'utf8')).not.toContain(broken)
})
