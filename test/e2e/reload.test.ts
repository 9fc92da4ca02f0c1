/** `SIGHUP` and `/-/reload` as users see them. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { freePort, until } from '../servers/process.ts'

async function started(options: Parameters<typeof Collector.start>[0]): Promise<Collector> {
  const collector = await Collector.start(options)
  onTestFinished(() => collector.stop())
  return collector
}

const show = (label: string, expression: string): string =>
  `discovery.relabel "${label}" { targets = [{ shown = ${expression} }] }`
const json = async (collector: Collector, id: string): Promise<string> =>
  (await collector.get(`/api/v0/web/components/${id}`)).text()
const ids = async (collector: Collector): Promise<string[]> =>
  (await collector.live()).components.map(({ id }) => id).toSorted()
const loads = (collector: Collector): string[] =>
  [...collector.process.output.matchAll(/ result="([^"]*)"/g)].map(([, text]) => text!)

describe('--reload.partial', { timeout: 60_000 }, () => {
  const config = (a: string, rest: string): string => `${show('a', a)}\n${show('same', '"same"')}\n${rest}`
  const first = config('"one"', `${show('old', '"old"')}\n${show('bad', '"good"')}`)
  /** `a` has a new value, `old` is gone; what `bad` says cannot be evaluated, nor what `never` says, which is new. */
  const broken = config('"two"', `${show('bad', 'encoding.from_json("{")')}\ndiscovery.relabel "never" { targets = 7 }`)

  test('takes over what holds: bad components keep their arguments, new ones do not start', async () => {
    const collector = await started({ config: first, flags: ['--reload.partial'] })
    collector.writeConfig(broken)
    const { status, text } = await collector.reload()
    expect(status).toBe(400)
    expect(text).toMatch(/^config reloaded in part\n1 updated, 0 started, 1 stopped, 1 untouched\n/)
    expect(text).toMatch(/config\.alloy:3:\d+: error\[/)
    expect(text).toMatch(/config\.alloy:4:\d+: error\[/)
    expect(await json(collector, 'discovery.relabel.a')).toContain('"two"')
    expect(await json(collector, 'discovery.relabel.bad')).toContain('"good"')
    expect(await ids(collector)).toEqual(['discovery.relabel.a', 'discovery.relabel.bad', 'discovery.relabel.same'])
    for (const id of ['discovery.relabel.bad', 'discovery.relabel.never'])
      expect(await json(collector, id)).toMatch(/"state":"unhealthy","message":"component evaluation failed: /)
    expect((await collector.get('/-/healthy')).status).toBe(500)
    expect(await collector.metrics()).toMatch(/^alloy_config_last_load_successful 0$/m)
    expect(await (await collector.get('/')).text()).toContain('What holds of it runs')

    collector.writeConfig(config('"two"', `${show('bad', '"mended"')}\n${show('never', '"there"')}`))
    expect(await collector.reload()).toMatchObject({
      status: 200,
      text: expect.stringContaining('\n1 updated, 1 started, 0 stopped, 2 untouched\n') as string,
    })
    expect((await collector.get('/-/healthy')).status).toBe(200)
    expect(await json(collector, 'discovery.relabel.bad')).toContain('"mended"')
  })

  test.for([
    ['a mistake in the grammar', 'discovery.relabel "more" {'],
    ['an unknown component', 'no.such "thing" { }'],
    ['a block that is there twice', show('a', '"again"')],
    ['a missing label', 'discovery.relabel { targets = [] }'],
    ['a reference to nothing', show('more', 'nobody.here.content')],
    ['a cycle', `${show('x', 'discovery.relabel.y.output')}\n${show('y', 'discovery.relabel.x.output')}`],
    ['what is not stable enough', 'prometheus.enrich "x" { targets = [] forward_to = [] }'],
    ['a mistake in the block that says what the rest means', 'ingot { lanes = "many" }'],
  ] as const)('leaves everything as it was for %s', async ([, block]) => {
    const collector = await started({ config: first, flags: ['--reload.partial'] })
    collector.writeConfig(`${config('"two"', '')}\n${block}`)
    expect(await collector.reload()).toMatchObject({ status: 400 })
    expect(await json(collector, 'discovery.relabel.a')).toContain('"one"')
    expect(await ids(collector)).toContain('discovery.relabel.old')
    // The new text is not kept for a later evaluation either.
    expect((await collector.get('/-/healthy')).status).toBe(200)
    expect(await (await collector.get('/')).text()).toContain('What runs is the one before it')
  })

  test('does not let a first configuration run in part', async () => {
    const collector = await Collector.launch({ config: broken, flags: ['--reload.partial'] })
    onTestFinished(() => collector.stop('SIGKILL'))
    await until(() => !collector.process.running, 'the end of the program', 30_000)
    expect(collector.process.child.exitCode).toBe(1)
    expect(collector.process.output).toMatch(/config\.alloy:3:\d+: error\[/)
  })

  test('keeps the former settings of a block of the collector that cannot be evaluated', async () => {
    const collector = await started({ config: first, flags: ['--reload.partial'] })
    collector.writeConfig(`logging { level = encoding.from_json("{") }\n${config('"two"', '')}`)
    expect(await collector.reload()).toMatchObject({ status: 400 })
    expect(await json(collector, 'discovery.relabel.a')).toContain('"two"')
    expect(loads(collector).at(-1)).toBe('1 updated, 0 started, 2 stopped, 1 untouched')
  })
})

describe('a reload', { timeout: 60_000 }, () => {
  test('is one for all who ask before it begins', async () => {
    const collector = await started({ config: show('a', '"one"') })
    collector.writeConfig(show('a', '"two"'))
    for (let i = 0; i < 100; i++) collector.process.child.kill('SIGHUP')
    const answers = await Promise.all(Array.from({ length: 50 }, () => collector.reload()))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200))
    expect(await json(collector, 'discovery.relabel.a')).toContain('"two"')
    const storm = loads(collector).length
    expect(storm).toBeLessThan(75)
    collector.writeConfig(show('a', '"three"'))
    expect(await collector.reload()).toMatchObject({ status: 200 })
    expect(await json(collector, 'discovery.relabel.a')).toContain('"three"')
  })

  test('that is under way when the collector is told to stop does not keep it', async () => {
    const collector = await started({ config: show('a', '"one"') })
    for (let i = 0; i < 20; i++) {
      collector.writeConfig(show(`a${i}`, '"more"'))
      collector.process.child.kill('SIGHUP')
      void collector.reload().catch(() => undefined)
    }
    collector.process.child.kill('SIGTERM')
    await until(() => !collector.process.running, 'the end of the program', 30_000)
    expect(collector.process.child.exitCode).toBe(0)
  })

  test('and a changed import come one after the other', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ingot-reload-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const file = join(dir, 'lib.alloy')
    const library = (text: string): void => {
      writeFileSync(`${file}.new`, `declare "text" { export "value" { value = "${text}" } }`)
      renameSync(`${file}.new`, file)
    }
    const config = (text: string): string => `
      import.file "lib" { filename = "${file}" }
      lib.text "t" { }
      ${show('a', `lib.text.t.value + " ${text}"`)}`
    library('lib 0')
    const collector = await started({ dir, config: config('root 0') })
    for (let round = 1; round <= 10; round++) {
      library(`lib ${round}`)
      collector.writeConfig(config(`root ${round}`))
      expect(await collector.reload()).toMatchObject({ status: 200 })
    }
    await until(
      async () => (await json(collector, 'discovery.relabel.a')).includes('"lib 10 root 10"'),
      'the last texts',
    )
  })

  test('changes the blocks of the collector itself, and says what waits for the next start', async () => {
    const collector = await started({ config: show('a', '"one"'), flags: ['--lanes=2'] })
    collector.writeConfig(`
      ingot { lanes = 3 }
      logging { format = "json" }
      livedebugging { enabled = true }
      http {
        auth {
          basic {
            username = "admin"
            password = "correct horse"
          }
          filter {
            paths                       = ["/metrics"]
            authenticate_matching_paths = true
          }
        }
      }
      ${show('a', '"one"')}`)
    const { status, text } = await collector.reload()
    expect(status).toBe(200)
    expect(text).toContain('0 updated, 0 started, 0 stopped, 1 untouched\n')
    expect(text).toContain('the number of lanes stays 2 until the next start, which makes it 3')
    expect(text).toContain('livedebugging has no effect')
    expect((await collector.live()).lanes).toHaveLength(2)
    expect((await collector.get('/metrics')).status).toBe(401)
    expect((await collector.get('/-/ready')).status).toBe(200)
    expect(collector.process.output).toMatch(/"msg":"the number of lanes stays 2/)

    // A certificate that cannot be used changes nothing, of whatever else there is.
    collector.writeConfig(`
      http {
        tls {
          cert_pem = "no certificate"
          key_pem  = "no key"
        }
      }
      ${show('a', '"two"')}`)
    expect(await collector.reload()).toMatchObject({ status: 400 })
    expect((await collector.get('/metrics')).status).toBe(401)
    expect(await json(collector, 'discovery.relabel.a')).toContain('"one"')
  })

  test('starts again what has ended by itself', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ingot-reload-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const port = await busyPort()
    const config = `
      otelcol.receiver.otlp "in" {
        http { endpoint = "127.0.0.1:${port.number}" }
        output { }
      }`
    const collector = await started({ dir, config })
    const health = async (): Promise<string | undefined> =>
      (await collector.component('otelcol.receiver.otlp.in'))?.health
    await until(async () => (await health()) === 'exited', 'the component to end')
    await port.free()
    expect((await collector.reload()).text).toContain('0 updated, 1 started, 0 stopped, 0 untouched')
    await until(async () => (await health()) === 'healthy', 'the component to be healthy')
  })
})

async function busyPort(): Promise<{ number: number; free(): Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const free = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  return { number: (server.address() as AddressInfo).port, free }
}

test('/-/ready answers when components listen where they are to', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 3; round++) {
    const [grpc, http] = [await freePort(), await freePort()]
    const collector = await started({
      config: `otelcol.receiver.otlp "in" {
        grpc { endpoint = "127.0.0.1:${grpc}" }
        http { endpoint = "127.0.0.1:${http}" }
        output { }
      }`,
    })
    for (const port of [grpc, http]) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
    }
    await collector.stop()
  }
})

test('/-/ready does not wait for a component that cannot listen', { timeout: 60_000 }, async () => {
  const port = await busyPort()
  onTestFinished(() => port.free())
  const collector = await started({
    config: `otelcol.receiver.otlp "in" {
      http { endpoint = "127.0.0.1:${port.number}" }
      output { }
    }`,
  })
  expect((await collector.component('otelcol.receiver.otlp.in'))?.health).toBe('exited')
})
