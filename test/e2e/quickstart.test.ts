import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { searchAnswer } from '@ingot/manifest'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { requireServer } from '../servers/index.ts'
import { freePort, until } from '../servers/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const partNames = ['UI', 'REGISTRY', 'SINK', 'PROMETHEUS', 'OTLP', 'OTLP_GRPC'] as const
type Part = (typeof partNames)[number]

interface Quickstart {
  readonly ports: Readonly<Record<Part, number>>
  readonly data: string
  output(): string
  /** Ctrl-C: everything in the foreground of a terminal gets the signal. Resolves to the exit code. */
  interrupt(): Promise<number | null>
}

/** `npm start`, on ports of its own. */
async function startQuickstart(): Promise<Quickstart> {
  const ports = {} as Record<Part, number>
  for (const part of partNames) ports[part] = await freePort()
  const data = join(mkdtempSync(join(tmpdir(), 'ingot-quickstart-')), 'data')
  const env = {
    ...process.env,
    QUICKSTART_DATA: data,
    ...Object.fromEntries(partNames.map((part) => [`QUICKSTART_PORT_${part}`, String(ports[part])])),
  }
  const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const interrupt = async (): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    process.kill(-child.pid!, 'SIGINT')
    return ((await exited) as [number | null])[0]
  }
  onTestFinished(async () => void (await interrupt()))
  await until(() => {
    if (child.exitCode !== null) throw new Error(`The quickstart ended:\n${output}`)
    return output.includes('Ingot is running')
  }, 'the quickstart to run')
  return { ports, data, output: () => output, interrupt }
}

/** Command lines of the processes that mention `text`. */
function processesOf(text: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    const path = `/proc/${pid}/cmdline`
    if (!/^\d+$/.test(pid) || !existsSync(path)) return []
    try {
      const line = readFileSync(path, 'utf8').replaceAll('\0', ' ')
      return line.includes(text) ? [line] : []
    } catch {
      return []
    }
  })
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}

test('the quickstart shows what it promises and leaves nothing behind', { timeout: 180_000 }, async (context) => {
  requireServer('prometheus', context)
  const executablePath = requireServer('chromium', context)
  const { ports, data, output, interrupt } = await startQuickstart()
  const at = (part: Part, path: string): string => `http://127.0.0.1:${ports[part]}${path}`
  const text = async (part: Part, path: string): Promise<string> => (await fetch(at(part, path))).text()

  await until(
    async () => (await text('PROMETHEUS', '/api/v1/query?query=node_load1')).includes('"node_load1"'),
    'host metrics in Prometheus',
  )
  await until(async () => {
    const page = await text('SINK', '/')
    return page.includes('POST /orders') && page.includes('payment') && page.includes('authorization')
  }, 'logs and traces at the receiving end')
  const arrived = await text('SINK', '/')
  expect(arrived).toMatch(/order=\d+ customer=\*+/)
  expect(arrived).toMatch(/card="\*+"/)
  expect(arrived).toMatch(/authorization="Bearer \*+"/)
  expect(arrived).not.toMatch(/@example|4111|eyJ/)
  // The source has what must not arrive: it was the sandbox that took it out.
  expect(readFileSync(join(data, 'app.log'), 'utf8')).toMatch(/@example.*\n.*4111.*\n.*eyJ/)

  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  onTestFinished(() => browser.close())
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 390, height: 800 } })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('response', (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`))
    for (const url of [
      at('UI', '/'),
      at('UI', '/component/redact.pii.app'),
      at('UI', '/component/prometheus.scrape.host'),
      at('REGISTRY', '/@acme/redact'),
      at('SINK', '/'),
    ]) {
      await page.goto(url)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), url).toBeLessThanOrEqual(0)
    }
    await page.goto(at('UI', '/'))
    await page.getByText('sandboxed').waitFor()
    await page.locator('.edge.flowing').first().waitFor()
    expect(complaints).toEqual([])
    await page.close()
  }
  expect(await text('REGISTRY', '/@acme/redact')).toContain('asks for nothing')
  const listed = searchAnswer.parse(JSON.parse(await text('REGISTRY', '/api/v1/search?sort=name')))
  const own = ['discovery', 'local', 'loki', 'otelcol', 'prometheus'].map((name) => `@ingot/${name}`)
  expect(listed.items.map(({ name }) => name)).toEqual(['@acme/redact', ...own])
  expect((await fetch(at('UI', '/-/healthy'))).status).toBe(200)

  expect(await interrupt()).toBe(0)
  expect(output()).not.toMatch(/\bended \(|level=error|\n +at /)
  expect(processesOf(data)).toEqual([])
  for (const part of partNames) expect(await answers(ports[part]), `${part} listens`).toBe(false)
})

test('the quickstart says which address is taken, and starts nothing', { timeout: 60_000 }, async () => {
  const port = await freePort()
  const taken = createServer().listen(port, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await expect(startOn(port)).resolves.toEqual({
    code: 1,
    output: expect.stringContaining(`127.0.0.1:${port} is in use`) as string,
  })
})

async function startOn(port: number): Promise<{ code: number | null; output: string }> {
  const data = join(mkdtempSync(join(tmpdir(), 'ingot-quickstart-')), 'data')
  const env = { ...process.env, QUICKSTART_DATA: data, QUICKSTART_PORT_UI: String(port) }
  const child = spawn(process.execPath, [join(root, 'examples/quickstart/quickstart.ts')], { env })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += String(chunk)))
  const [code] = (await once(child, 'exit')) as [number | null]
  expect(existsSync(data)).toBe(false)
  return { code, output }
}
