import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { freePort } from '../servers/process.ts'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

/** Runs `ingot` to its end. */
function ingot(...args: string[]): Promise<{ readonly code: number; readonly err: string }> {
  return new Promise((done) => {
    const words = ['--disable-warning=ExperimentalWarning', main, ...args]
    execFile(process.execPath, words, { env: { ...process.env, NO_COLOR: '1' } }, (error, _out, err) => {
      done({ code: error ? Number(error.code) : 0, err: err.replaceAll(/^ingot: packing .*\n/gm, '') })
    })
  })
}

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-command-line-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

describe('ingot run', { timeout: 60_000 }, () => {
  test('says in one line that its address is in use', async () => {
    const dir = temporary()
    const port = await freePort()
    const taken = createServer().listen(port, '127.0.0.1')
    onTestFinished(() => void taken.close())
    writeFileSync(join(dir, 'config.alloy'), 'logging { }')
    const flags = [`--server.http.listen-addr=127.0.0.1:${port}`, `--storage.path=${dir}/data`]
    expect(await ingot('run', join(dir, 'config.alloy'), ...flags)).toEqual({
      code: 1,
      err: `error[command]: Cannot listen on 127.0.0.1:${port}: the address is in use by another program; --server.http.listen-addr chooses another one\n`,
    })
  })

  test('says in one line that there is no configuration', async () => {
    const dir = temporary()
    mkdirSync(join(dir, 'empty'))
    for (const [path, reason] of [
      [join(dir, 'nowhere.alloy'), 'no such file or folder'],
      [join(dir, 'empty'), 'the folder has no *.alloy file'],
    ] as const) {
      expect(await ingot('run', path)).toEqual({
        code: 1,
        err: `${path}: error[unreadable-file]: Cannot read the configuration "${path}": ${reason}\n`,
      })
    }
  })

  test('refuses a flag that neither it nor Alloy has', async () => {
    const { code, err } = await ingot('run', 'config.alloy', '--no-such-flag')
    expect(code).toBe(1)
    expect(err).toMatch(/^error: unknown option '--no-such-flag'\n.*--help.*\n$/)
  })

  test("takes an existing command line of Alloy's, and says what has no effect", async () => {
    const collector = await Collector.start({
      config: 'logging { }',
      flags: ['--disable-reporting', '--server.http.enable-pprof', '--cluster.name', 'one', '--config.format=alloy'],
    })
    onTestFinished(() => collector.stop())
    const notes = collector.process.output.split('\n').filter((line) => line.includes('has no effect'))
    expect(notes).toEqual([
      'ingot: --server.http.enable-pprof has no effect: there is no profile of a Go program to serve',
      'ingot: --cluster.name has no effect: this collector is no member of a cluster',
    ])
  })

  test('refuses to stand alone where it was to join a cluster', async () => {
    const { code, err } = await ingot('run', 'config.alloy', '--cluster.enabled')
    expect(code).toBe(1)
    expect(err).toMatch(/^error\[command\]: Cannot run with --cluster\.enabled=true: .*\n$/)
  })
})

test.for(['run', 'validate'])(
  'ingot %s exits with 3 when the configuration and ingot.lock disagree',
  { timeout: 60_000 },
  async (command) => {
    const dir = temporary()
    const config = join(dir, 'config.alloy')
    writeFileSync(
      config,
      `registry "acme" {
        url    = "http://127.0.0.1:9"
        scopes = ["@acme"]
      }
      import.module "redact" {
        module  = "@acme/redact"
        version = "^1.0.0"
      }
      redact.pii "a" { forward_to = [] }`,
    )
    const { code, err } = await ingot(command, config)
    expect(code).toBe(3)
    expect(err).toContain(`${config}:5:7: error[lock-mismatch]: Cannot load import.module "redact"`)
    expect(err).toContain("hint: run: ingot module add '@acme/redact@^1.0.0'")
  },
)
