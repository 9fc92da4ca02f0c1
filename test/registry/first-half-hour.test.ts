import { execFile } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lockfile } from '@ingot/manifest'
import { TestBrowser, totpCode } from '@ingot/registry-server/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { freePort, ServerProcess, until } from '../servers/process.ts'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

const totpStepMs = 30_000
const password = 'correct horse battery staple'

interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The command line in a folder of its own, as somebody has it who has just begun. */
function newcomer() {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-newcomer-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV|INGOT_)/.test(name))
  const env = { ...Object.fromEntries(clean), NO_COLOR: '1', XDG_CONFIG_HOME: join(dir, 'config') }
  const typing = (input: string, ...args: string[]): Promise<Answer> =>
    new Promise((done) => {
      const all = ['--disable-warning=ExperimentalWarning', main, ...args]
      const child = execFile(process.execPath, all, { cwd: dir, env }, (error, out, err) =>
        done({ code: error ? Number(error.code) : 0, out, err }),
      )
      child.stdin!.end(input)
    })
  const ingot = (...args: string[]): Promise<Answer> => typing('', ...args)
  const wanted = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await ingot(...args)
    expect([code, err], args.join(' ')).toEqual([0, expect.anything()])
    return out
  }
  return { dir, ingot, typing, wanted }
}

/** The source of the module's component and of the module, as its author changes them. */
function edit(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}

test(
  'from an empty folder to a module of one’s own that runs, asks for more, is granted it, and is taken back',
  { timeout: 180_000 },
  async () => {
    const { dir, ingot, typing, wanted } = newcomer()
    const address = `127.0.0.1:${await freePort()}`
    const url = `http://${address}`
    const data = join(dir, 'registry')
    const server = new ServerProcess(process.execPath, [main, 'registry', 'serve', '--data', data, '--listen', address])
    onTestFinished(() => server.stop())
    await server.untilAnswers(`${url}/.well-known/ingot.json`)
    const [, root] = /^root (sha256:[0-9a-f]{64})$/m.exec(server.output)!

    const link = new URL((await wanted('registry', 'user', 'create', 'ada', '--data', data, '--url', url)).trim())
    const browser = new TestBrowser(url)
    await browser.json(201, 'POST', '/api/v1/account/set-up', { link: link.searchParams.get('link'), password })
    const { secret } = await browser.json<{ secret: string }>(201, 'POST', '/api/v1/account/totp')
    const step = Math.floor(Date.now() / totpStepMs)
    await browser.json(200, 'POST', '/api/v1/account/totp/confirm', { code: totpCode(secret, step) })
    // A code counts once; the next one is good already, as clocks differ.
    const login = ['--registry', url, '--user', 'ada', '--password-stdin', '--otp', totpCode(secret, step + 1)]
    const signedIn = await typing(password, 'module', 'login', ...login)
    expect(signedIn).toMatchObject({ code: 0, out: expect.stringContaining('as ada') })
    await wanted('module', 'scope', 'create', '@acme')
    const made = ['--registry', url, '--modules', '@acme/*', '--permissions', 'publish']
    const token = (await wanted('registry', 'token', 'create', ...made)).trim()

    await wanted('module', 'init', 'errors', '--name', '@acme/errors')
    edit(join(dir, 'errors/module.ts'), "version: '0.1.0'", "version: '1.0.0'")
    expect(JSON.parse(await wanted('module', 'pack', 'errors', '--json'))).toEqual({
      module: '@acme/errors',
      version: '1.0.0',
      path: join(dir, 'acme-errors-1.0.0.tgz'),
      integrity: expect.stringMatching(/^sha512-/),
    })
    const publish = () => ingot('module', 'publish', 'errors', '--registry', url, '--token', token)
    expect(await publish()).toMatchObject({ code: 0, out: expect.stringContaining('published @acme/errors@1.0.0') })
    expect((await publish()).out).toContain('already there')

    const config = join(dir, 'main.alloy')
    const log = join(dir, 'app.log')
    writeFileSync(log, '')
    writeFileSync(config, configuration(url, root!, log))
    const take = ['--config', config]
    await wanted('module', 'add', '@acme/errors@^1.0.0', ...take)
    await wanted('validate', config)

    const collector = await Collector.start({ config: readFileSync(config, 'utf8'), dir, path: config })
    onTestFinished(() => collector.stop())
    appendFileSync(log, 'an error\nall is well\nanother error\n')
    await until(async () => {
      const { ledger } = (await collector.component('errors.keep.main'))!
      return ledger.in === 3 && ledger.reasons['no_match'] === 1
    }, 'the module to have sorted three lines')

    edit(join(dir, 'errors/module.ts'), "version: '1.0.0'", "version: '1.1.0'")
    const power = "capabilities: { 'http.request': [{ why: 'To ask.', values: ['https://names.example'] }] },"
    edit(join(dir, 'errors/keep/component.ts'), "settles: 'with delivery',", `settles: 'with delivery',\n  ${power}`)
    // By itself a scope holds back versions that may do more until somebody approves them.
    expect(await publish()).toMatchObject({ code: 0, out: expect.stringContaining('because of capability_increase') })
    expect(await wanted('module', 'stage', '@acme')).toContain('@acme/errors@1.1.0  capability_increase')
    expect(await wanted('module', 'approve', '@acme/errors@1.1.0')).toBe('approved and published @acme/errors@1.1.0\n')
    const changed = await wanted('module', 'diff', '@acme/errors@1.0.0')
    expect(changed).toContain('  + http.request https://names.example')
    const grants = await ingot('module', 'grants', '@acme/errors@1.1.0', ...take)
    expect([grants.code, grants.out]).toEqual([4, expect.stringContaining('http_request = ["https://names.example"]')])
    const refused = await ingot('module', 'update', ...take)
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('error[capability-increase]')])
    expect(pinned(dir)).toEqual(['@acme/errors@1.0.0'])
    edit(
      config,
      'version = "^1.0.0"',
      'version = "^1.0.0"\n\n\tgrant {\n\t\thttp_request = ["https://names.example"]\n\t}',
    )
    await wanted('module', 'update', ...take)
    expect(pinned(dir)).toEqual(['@acme/errors@1.1.0'])

    // The collector that ran all the while takes the new one without a stop.
    expect(await collector.reload()).toMatchObject({ status: 200 })
    appendFileSync(log, 'a third error\n')
    await until(async () => (await collector.component('errors.keep.main'))!.health === 'healthy', 'it to go on')
    expect((await wanted('module', 'why', '@acme/errors', ...take)).trim()).toContain('@acme/errors@1.1.0')

    expect(await ingot('module', 'audit', ...take)).toMatchObject({ code: 0 })
    const yanked = await wanted('module', 'yank', '@acme/errors@1.1.0', '--reason', 'It keeps too much.')
    expect(yanked).toContain('yanked @acme/errors@1.1.0')
    const audited = await ingot('module', 'audit', ...take)
    expect([audited.code, audited.out]).toEqual([5, expect.stringContaining('It keeps too much.')])

    // What is pinned starts with the registry gone.
    await collector.stop()
    await server.stop()
    const alone = await Collector.start({ config: readFileSync(config, 'utf8'), dir, path: config })
    onTestFinished(() => alone.stop())
    expect((await alone.component('errors.keep.main'))!.health).toBe('healthy')
  },
)

function pinned(dir: string): string[] {
  return Object.keys((JSON.parse(readFileSync(join(dir, 'ingot.lock'), 'utf8')) as Lockfile).modules)
}

function configuration(url: string, root: string, log: string): string {
  return `registry "acme" {
	url             = "${url}"
	scopes          = ["@acme"]
	root            = "${root}"
	min_release_age = "0s"
}

loki.source.file "app" {
	targets    = [{"__path__" = "${log}"}]
	forward_to = [errors.keep.main.receiver]
}

errors.keep "main" {
	containing = "error"
	forward_to = []
}
`
}
