import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { requireServer } from '../servers/index.ts'
import { freePort, until } from '../servers/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the guide promises. */
const commandsMax = 5
const machineTimeMs = 120_000

/** The commands of a section of the guide, by their fences. */
function commandsOf(section: string): readonly string[] {
  const guide = readFileSync(join(root, 'docs/guides/write-a-module.md'), 'utf8')
  const text = guide.split(/^## /m).find((each) => each.startsWith(section))!
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body]) => body!)
}

/** A terminal of its own, which is closed with everything that it started. */
function terminal(cwd: string, script: string, env: NodeJS.ProcessEnv) {
  const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const exited = once(child, 'exit')
  const close = async (): Promise<void> => {
    try {
      process.kill(-child.pid!, 'SIGINT')
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 10_000))])
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Everything has ended.
    }
  }
  onTestFinished(close)
  return { output: () => output, exited: () => child.exitCode !== null }
}

/** The figure in a row of the collector's page. */
async function figure(page: Page, cell: 'taken' | 'dropped'): Promise<number> {
  const row = page.locator('[data-row="keep_errors.keep.errors"]')
  return Number((await row.locator(`[data-cell="${cell}"]`).first().textContent())!.replaceAll(/\D/g, ''))
}

test('the commands of the guide show a change of code in live data', { timeout: machineTimeMs }, async (context) => {
  const executablePath = requireServer('chromium', context)
  const dir = mkdtempSync(join(tmpdir(), 'ingot-guide-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'bin'))
  symlinkSync(join(root, 'ingot'), join(dir, 'bin/ingot'))
  // The guide's port and file may be taken on this machine: everything else is as it stands there.
  const address = `127.0.0.1:${await freePort()}`
  const log = join(dir, 'app.log')
  const env = { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}`, APP_LOG: log }
  const here = (text: string): string =>
    text
      .replace(/^ingot module dev$/m, `exec ingot module dev --server.http.listen-addr ${address}`)
      .replaceAll('/tmp/app.log', log)
  const [make, run, change, ...more] = commandsOf('Two minutes').map(here)
  expect(more).toEqual([])
  expect(`${make}${run}${change}`.trim().split('\n').length).toBeLessThanOrEqual(commandsMax)

  const { output, exited } = terminal(dir, `${make}${run}`, env)
  await until(
    () => {
      if (exited()) throw new Error(output())
      return output().includes(`http://${address}/ shows the pipeline`)
    },
    'the pipeline to run',
    machineTimeMs,
  )
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(`http://${address}/`)
  await page.getByText('sandboxed').waitFor()
  await until(async () => (await figure(page, 'dropped')) > 5, 'lines to be dropped')
  const dropped = await figure(page, 'dropped')
  await until(
    async () => (await figure(page, 'dropped')) > dropped,
    'more lines to be dropped, without loading the page again',
  )

  terminal(join(dir, 'keep-errors'), change!, env)
  await until(
    () => output().includes('keep/component.ts changed: 0 updated, 1 started, 0 stopped, 1 untouched'),
    'the new code',
  )
  await until(
    async () => (await figure(page, 'dropped')) === 0 && (await figure(page, 'taken')) > 5,
    'lines that are all kept',
  )
})
