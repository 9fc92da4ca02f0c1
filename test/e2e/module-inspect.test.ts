import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

type Params = Readonly<Record<string, unknown>>
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Params
  readonly result?: Params
  readonly error?: { readonly message: string }
}

/** A debugger: what it asks for and what it is told, over the Chrome DevTools Protocol. */
class Debugger {
  readonly events: Message[] = []
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (message: Message) => void>()
  #lastId = 0
  closed = false

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message
      if (message.id === undefined) this.events.push(message)
      else this.#waiting.get(message.id)?.(message)
    })
    socket.addEventListener('close', () => (this.closed = true))
  }

  static async attach(url: string): Promise<Debugger> {
    const socket = new WebSocket(url)
    const opened = new Debugger(socket)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error(`Cannot attach to ${url}`)))
    })
    onTestFinished(() => socket.close())
    return opened
  }

  async ask(method: string, params: Params = {}): Promise<Params> {
    const id = ++this.#lastId
    const { result, error } = await new Promise<Message>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
    if (error) throw new Error(`${method}: ${error.message}`)
    return result!
  }

  async event(method: string): Promise<Params> {
    const find = () => this.events.findIndex((each) => each.method === method)
    await until(() => find() >= 0, method)
    return this.events.splice(find(), 1)[0]!.params!
  }

  close(): void {
    this.#socket.close()
  }
}

async function startDev() {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-inspect-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const folder = join(dir, 'made')
  cpSync(join(root, 'cli/templates/transform'), folder, { recursive: true })
  const log = join(dir, 'app.log')
  writeFileSync(log, '')
  const collector = await Collector.start({
    config: '',
    dir,
    path: join(folder, 'examples/keep.alloy'),
    program: [join(root, 'cli/src/main.ts'), 'module', 'dev'],
    flags: [`--module=${folder}`, '--inspect=0'],
    env: { APP_LOG: log },
  })
  onTestFinished(() => collector.stop('SIGKILL'))
  const url = /debugger of my_module\.keep\.errors: (ws:\S+)/.exec(collector.process.output)![1]!
  return {
    collector,
    url,
    component: join(folder, 'keep/component.ts'),
    write: (text: string) => writeFileSync(log, text, { flag: 'a' }),
  }
}

interface Script {
  readonly id: string
  readonly url: string
  readonly map: SourceMapPayload
}

/** The module's script: the one that has sources. */
async function attachTo(url: string): Promise<{ readonly client: Debugger; readonly script: Script }> {
  const client = await Debugger.attach(url)
  await client.ask('Debugger.enable')
  for (;;) {
    const { scriptId, url: address, sourceMapURL } = await client.event('Debugger.scriptParsed')
    const data = /^data:application\/json;base64,(.+)$/.exec(String(sourceMapURL))?.[1]
    if (data === undefined) continue
    const map = JSON.parse(Buffer.from(data, 'base64').toString()) as SourceMapPayload
    return { client, script: { id: String(scriptId), url: String(address), map } }
  }
}

/** Sets a breakpoint as debuggers do: at the place in the bundle that a line of the source leads to. */
async function breakAt(client: Debugger, script: Script, line: number): Promise<number> {
  const { scriptSource } = await client.ask('Debugger.getScriptSource', { scriptId: script.id })
  const sourceMap = new SourceMap(script.map)
  const lineNumber = String(scriptSource)
    .split('\n')
    .findIndex((text, index) => {
      const entry = sourceMap.findEntry(index, text.search(/\S/))
      return 'originalLine' in entry && entry.originalLine === line
    })
  await client.ask('Debugger.setBreakpointByUrl', { url: script.url, lineNumber })
  return lineNumber
}

const lineOf = (component: string, text: string): number =>
  readFileSync(component, 'utf8')
    .split('\n')
    .findIndex((each) => each.includes(text))

test(
  'a debugger pauses a module at a line of its TypeScript, for as long as it likes',
  { timeout: 120_000 },
  async () => {
    const { collector, url, component, write } = await startDev()
    const { client, script } = await attachTo(url)
    expect(script.map.sources).toEqual([pathToFileURL(component).href])
    expect(script.map.sourcesContent).toEqual([readFileSync(component, 'utf8')])
    const lineNumber = await breakAt(client, script, lineOf(component, 'const kept'))
    write('an error\nall is well\n')
    const paused = await client.event('Debugger.paused')
    const frame = (paused['callFrames'] as { callFrameId: string; location: { lineNumber: number } }[])[0]!
    expect(frame.location.lineNumber).toBe(lineNumber)
    const asked = { callFrameId: frame.callFrameId, expression: 'JSON.stringify(lines)' }
    const { result } = await client.ask('Debugger.evaluateOnCallFrame', asked)
    expect((result as { value: string }).value).toBe('["an error","all is well"]')

    // Longer than a turn and a batch may take otherwise; the collector goes on meanwhile.
    const end = performance.now() + 4_000
    await until(() => performance.now() > end, 'the pause to pass every deadline')
    expect((await collector.get('/-/healthy')).status).toBe(200)
    expect((await collector.component('my_module.keep.errors'))?.ledger).toMatchObject({ out: 0, dropped: 0 })
    await client.ask('Debugger.resume')
    const settled = async () => {
      const ledger = (await collector.component('my_module.keep.errors'))?.ledger
      return ledger?.out === 1 && ledger.dropped === 1
    }
    await until(settled, 'the batch to pass and its books to close')
    expect(collector.process.output).not.toContain('runner ended')
  },
)

test('a debugger that leaves a paused module lets it go on', { timeout: 120_000 }, async () => {
  const { collector, url, component, write } = await startDev()
  const { client, script } = await attachTo(url)
  await breakAt(client, script, lineOf(component, 'const kept'))
  write('an error\n')
  await client.event('Debugger.paused')
  client.close()
  await until(async () => (await collector.component('my_module.keep.errors'))?.ledger.out === 1, 'the batch to pass')
})

test('new code ends a debugger, which attaches again at the same address', { timeout: 120_000 }, async () => {
  const { url, component } = await startDev()
  const { client } = await attachTo(url)
  writeFileSync(component, readFileSync(component, 'utf8').replace("'no_match'", "'other'"))
  await until(() => client.closed, 'the debugger to be let go')
  let again: Debugger | undefined
  await until(async () => {
    again = await Debugger.attach(url)
    await new Promise((resolve) => setTimeout(resolve, 100))
    return !again.closed
  }, 'the new code')
  again!.close()
  await until(() => again!.closed, 'the debugger to leave')
  const { client: next, script } = await attachTo(url)
  const { scriptSource } = await next.ask('Debugger.getScriptSource', { scriptId: script.id })
  expect(scriptSource).toContain('"other"')
})

test('nobody attaches who does not know the address, and no page of the web does', { timeout: 60_000 }, async () => {
  const { url } = await startDev()
  const { host } = new URL(url)
  for (const path of ['/', '/json', '/json/list', '/json/version'])
    expect((await fetch(`http://${host}${path}`)).status).toBe(404)
  await expect(Debugger.attach(`ws://${host}/other`)).rejects.toThrow('Cannot attach')
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }
  const { request } = await import('node:http')
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(url.replace('ws:', 'http:'), { headers: { ...upgrade, origin: 'https://page.example' } })
      .on('response', (response) => resolve(response.statusCode))
      .on('upgrade', () => resolve(101))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(404)
})
