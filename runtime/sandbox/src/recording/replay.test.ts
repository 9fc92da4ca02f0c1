import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createHash } from 'node:crypto'
import { moduleCode, SandboxFixture, until, type ComponentOptions } from '../testing/sandbox-fixture.ts'
import { describeFrame } from './describe-frame.ts'
import { decodeEntry } from './entry.ts'
import { Replay, type ReplayedStep } from './replay.ts'
import { stepsOf, type Step } from './steps.ts'
import { RecordingTape } from './tape.ts'

let sandbox: SandboxFixture
beforeAll(async () => {
  sandbox = await SandboxFixture.open()
})
afterAll(() => sandbox.close())

/** Keeps state, asks its host at once and later, and reads every clock and chance there is. */
const wandering = `
  seen += batch.count
  const slept = env.clock.monotonic()
  await env.clock.sleep(1)
  const before = await env.state.get('count')
  await env.state.set('count', seen)
  env.log.info('seen', { seen })
  return report([seen, before, Date.now(), new Date().toISOString(), Math.random(), env.random.float(), env.clock.now(), env.clock.monotonic() - slept].join(' '))`

function world(): ComponentOptions {
  const state = new Map<string, unknown>()
  const env = {
    clock: { sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) },
    random: {},
    state: {
      get: (key: string) => state.get(key) ?? null,
      set: async (key: string, value: unknown) => void state.set(key, value),
    },
  }
  return { capabilities: ['clock', 'random', 'state'], env, before: 'let seen = 0' }
}

interface Recorded {
  readonly entries: Uint8Array<ArrayBuffer>[]
  readonly steps: Step[]
  readonly code: string
}

async function record(handler: string, lines: readonly string[], options: ComponentOptions = {}): Promise<Recorded> {
  const entries: Uint8Array<ArrayBuffer>[] = []
  const tape = new RecordingTape((entry) => entries.push(entry))
  const component = await sandbox.start(handler, { ...options, tape })
  for (const line of lines) await component.send(line)
  tape.stop()
  return { entries, steps: stepsOf(entries.map(decodeEntry)), code: moduleCode(handler, options.before) }
}

async function replay({ steps, code }: Recorded, changed = code): Promise<ReplayedStep[]> {
  const sha256 = createHash('sha256').update(code).digest('hex')
  const again = new Replay({
    steps,
    code: Buffer.from(changed),
    component: steps[0]!.load!.component,
    sha256,
    supervisor: sandbox.supervisor,
  })
  onTestFinished(() => again.close())
  const replayed: ReplayedStep[] = []
  for await (const step of again.run()) replayed.push(step)
  return replayed
}

const emitted = (steps: readonly Pick<Step, 'said'>[]): unknown[] =>
  steps
    .flatMap(({ said }) => said.map(describeFrame))
    .filter(({ what }) => what === 'emit')
    .map(({ content }) => (content as { records: { line: string }[] }).records[0]!.line)

test('a module that reads clocks, chance and its state says the same again, byte by byte', async () => {
  const recorded = await record(wandering, ['a', 'b', 'c'], world())
  const replayed = await replay(recorded)
  expect(replayed.map(({ same }) => same)).toEqual(recorded.steps.map(() => true))
  expect(emitted(replayed)).toEqual(emitted(recorded.steps))
  expect(emitted(replayed)).toHaveLength(3)
})

test('a changed module differs where it says something else, and gets the answers of the same calls', async () => {
  const recorded = await record(wandering, ['a', 'b'], world())
  const changed = recorded.code.replace('return report([seen, before', "return report(['changed', seen, before")
  const replayed = await replay(recorded, changed)
  expect(replayed.some(({ same }) => !same)).toBe(true)
  expect(emitted(replayed)).toEqual(emitted(recorded.steps).map((line) => `changed ${String(line)}`))
})

test('a changed module that makes other calls before gets the recorded answers of those that it made then', async () => {
  const recorded = await record(wandering, ['a', 'b'], world())
  const changed = recorded.code.replace(
    'seen += batch.count',
    "seen += batch.count; await env.state.set('more', 1).catch(() => {})",
  )
  const replayed = await replay(recorded, changed)
  const counts = (lines: unknown[]): string[] => lines.map((line) => String(line).split(' ').slice(0, 2).join(' '))
  expect(counts(emitted(replayed))).toEqual(counts(emitted(recorded.steps)))
})

test('a batch that takes its isolate with it does so again', async () => {
  const handler = "if (firstLine(batch) === 'poison') for (;;) {}; return args.forward_to.emit(batch)"
  const limits = { turnTimeoutMs: 100 }
  const recorded = await record(handler, ['a', 'poison', 'b'], { limits })
  const replayed = await replay(recorded)
  const lost = replayed.filter(({ end }) => end === 'lost')
  // Once for the first try and once again; a busy machine is no fault of the batch and makes more.
  expect(lost.length).toBeGreaterThanOrEqual(2)
  expect(lost.every(({ step, loss }) => step.end === 'lost' && loss?.reason === 'timeout')).toBe(true)
  expect(replayed.every(({ same }) => same)).toBe(true)
  expect(emitted(replayed)).toEqual(['a', 'b'])
})

test('a changed module that is lost where the recorded one was not ends the replay there', async () => {
  const recorded = await record('return args.forward_to.emit(batch)', ['a', 'b'])
  const changed = recorded.code.replace('return args.forward_to.emit(batch)', 'for (;;) {}')
  const replayed = await replay(recorded, changed)
  expect(replayed.at(-1)).toMatchObject({ end: 'lost', same: false, step: { end: 'done' } })
})

test('a secret of the arguments is not in a recording, nor what the module makes of its name', async () => {
  const entries: Uint8Array<ArrayBuffer>[] = []
  const tape = new RecordingTape((entry) => entries.push(entry))
  const component = sandbox.make(moduleCode("report('it is ' + JSON.stringify(args.token))"), { tape })
  await component.start({ token: 'canary-7d1f' }, ['token'])
  await component.send('a')
  expect(entries.length).toBeGreaterThan(3)
  expect(Buffer.concat(entries).includes('canary-7d1f')).toBe(false)
})

test('what a batch gives follows from code, batch and time alone: two runners give the same bytes', async () => {
  const handler = `return report([Date.now() - Number(args.since ?? 0) >= 0, Math.random(), Math.random(), new Date(0).toString(),
    new Date(0).toLocaleString(), (1234567.891).toLocaleString(), ['ä', 'z', 'a'].sort(new Intl.Collator().compare).join(),
    Intl.DateTimeFormat().resolvedOptions().timeZone, typeof WeakRef, typeof FinalizationRegistry].join(' '))`
  const lines = await Promise.all(
    [1, 2].map(async () => {
      const component = await sandbox.start(handler)
      await component.send('a')
      // Who looks at a component changes nothing of what chance gives it.
      await component.instance.debugInfo()
      await component.send('b')
      return component.emitted
    }),
  )
  expect(lines[0]).toEqual(lines[1])
  const [first, second] = lines[0]!.map((batch) => Buffer.from((batch as { arena: Uint8Array }).arena).toString())
  expect(first).toContain('1970 00:00:00 GMT+0000')
  expect(first).toContain('UTC undefined undefined')
  expect(first).not.toBe(second)
})

test('chance follows from the code and the batch', async () => {
  const first = await sandbox.start('return report(Math.random())')
  const other = await sandbox.start('return  report(Math.random())')
  const chance = async (component: typeof first): Promise<string> => {
    await component.send('a')
    return Buffer.from((component.emitted.at(-1) as { arena: Uint8Array }).arena).toString()
  }
  const values = [await chance(first), await chance(first), await chance(other)]
  expect(new Set(values).size).toBe(3)
})

test('a batch sees one time in all turns that it takes', async () => {
  const { capabilities, env } = world()
  const component = await sandbox.start(
    'const before = Date.now(); await env.clock.sleep(30); return report(Date.now() - before)',
    { capabilities: capabilities!, env: env! },
  )
  await component.send('a')
  await until(() => component.emitted.length === 1)
  expect(Buffer.from((component.emitted[0] as { arena: Uint8Array }).arena).toString()).toBe('0')
})
