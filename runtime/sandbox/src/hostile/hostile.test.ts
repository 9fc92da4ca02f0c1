/** Runs the corpus through real runners: whatever a module does, the collector goes on and the next batch is right. */
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Limits } from '../limits.ts'
import { linesOf, moduleCode, poisoned, SandboxFixture, until, type TestComponent } from '../testing/sandbox-fixture.ts'
import { corpus } from './corpus.ts'
import type { HostileCase } from './hostile-case.ts'
import { canary } from './leaks.ts'
import { loading } from './loading.ts'

const classes: readonly (readonly [string, readonly HostileCase[]])[] = Object.entries(corpus)
/** All cases of a class wait for their turn at once. */
const caseMs = 120_000
/** Runners that wait: cases run side by side. */
const blanks = 3
/** A loss to a busy machine is no verdict, so there may be more losses than the two that a batch is allowed. */
const patient = { isolateLossesMax: 100, hardKillsMax: 100, cpuShare: 1, turnTimeoutMs: 2_000, batchDeadlineMs: 10_000 }
/** What must end by a bound ends sooner; what must not meet one has all the time that a busy machine takes. */
const limitsFor = ({ ends, limits }: HostileCase): Partial<Limits> => {
  const soon = ends === 'loses the isolate' || ends === 'is survived'
  return { ...patient, ...(soon && { turnTimeoutMs: 100, batchDeadlineMs: 1_000 }), ...limits }
}

let fixture: SandboxFixture
let neighbour: TestComponent
const pooled: Buffer[] = []

beforeAll(async () => {
  process.env['HOSTILE_CANARY'] = canary
  fixture = await SandboxFixture.open({ blanks })
  neighbour = await fixture.start('return args.forward_to.emit(batch)', { limits: patient })
})
afterAll(async () => {
  delete process.env['HOSTILE_CANARY']
  await fixture.close()
})

/** Fills what Node.js hands out piece by piece with another tenant's bytes, and has some on their way. */
function plant(): void {
  for (let i = 0; i < 50; i++) pooled.push(Buffer.from(`${canary} ${i}`))
  pooled.splice(0, pooled.length - 500)
  void neighbour.send(canary)
}

/** All that a component has said to the outside. */
function saidBy(component: TestComponent): string {
  const { logs, exports, health, losses, emitted } = component
  const lines = emitted.map((batch) => (batch.type === 'loki.logs' ? Buffer.from(batch.arena).toString() : ''))
  const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
  return JSON.stringify([logs, exports, health, losses, lines], text)
}

/** Cases that keep a core busy go one by one for each core: a runner that gets no CPU is spared, and tried again. */
class Cores {
  #free = availableParallelism()
  readonly #waiting: (() => void)[] = []

  async use(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#free--
    try {
      await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
const cores = new Cores()

const runOnCore = (one: HostileCase): Promise<void> => cores.use(() => run(one))

async function run(one: HostileCase): Promise<void> {
  plant()
  const component = fixture.make(poisonedModule(one), {
    limits: limitsFor(one),
    onQuarantine: 'drop',
  })
  await component.start({ password: canary }, ['password'])
  const outcome = component.send('poison')
  if (one.ends === 'breaks the protocol') return brokeTheProtocol(component)
  await outcome
  verify(one, component, await outcome)
  const before = component.emitted.length
  // A module that has broken its own world may well drop what is good: it has no other victim.
  const good = await component.send('good')
  if (one.ends !== 'is survived') {
    expect(good).toEqual({ status: 'delivered' })
    expect(component.emitted.slice(before).flatMap(linesOf)).toContain('good')
  }
  untouched(component)
  await component.instance.stop(1_000)
}

function poisonedModule(one: HostileCase): string {
  return moduleCode(poisoned(one.code), one.before)
}

function verify(one: HostileCase, component: TestComponent, outcome: object): void {
  const { ends, by, says } = one
  if (ends === 'loses the isolate') {
    expect(outcome).toEqual(expect.objectContaining({ status: expect.stringMatching(/dropped|delivered/) }))
    expect(component.losses.length).toBeGreaterThanOrEqual(1)
    expect(
      component.losses.some(({ reason }) => by!.includes(reason)),
      JSON.stringify(component.losses),
    ).toBe(true)
  }
  if (ends === 'costs the batch') {
    expect(outcome).toMatchObject({ status: 'dropped' })
    expect(component.losses.filter(({ starved }) => !starved)).toEqual([])
    if (says) expect(JSON.stringify(component.logs)).toMatch(says)
  }
  if (ends === 'has no effect') {
    expect(outcome).toEqual({ status: 'delivered' })
    expect(component.losses.filter(({ starved }) => !starved)).toEqual([])
    const reported = component.emitted.flatMap(linesOf).at(-1)
    if (typeof says === 'string') expect(reported).toBe(says)
    else if (says) expect(reported).toMatch(says)
  }
}

async function brokeTheProtocol(component: TestComponent): Promise<void> {
  await until(() => component.health.includes('broke the protocol'))
  expect(component.losses.at(-1)).toMatchObject({ hard: true, reason: 'protocol' })
  untouched(component)
  await component.instance.stop(1_000)
}

/** Nothing of others was seen, and the world of the collector is as it was. */
function untouched(component: TestComponent): void {
  expect(saidBy(component)).not.toContain(canary)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
}

describe.each(classes)('%s:', (_, list) => {
  test.concurrent.each(list.map((one) => [one.name, one.ends, one] as const))(
    '%s %s',
    { timeout: caseMs },
    (_name, _ends, one) => runOnCore(one),
  )
})

describe('loading:', () => {
  test.concurrent.each(loading.map((one) => [one.name, one.ends, one] as const))(
    '%s %s',
    { timeout: caseMs },
    (_name, _ends, one) => cores.use(() => load(one)),
  )
})

async function load({ code, ends, says }: HostileCase): Promise<void> {
  plant()
  if (ends === 'does not start') {
    await expect((async () => fixture.make(code).start())()).rejects.toThrow(says as RegExp)
    return
  }
  const component = fixture.make(code, { limits: { isolateLossesMax: 2, hardKillsMax: 2, initTimeoutMs: 300 } })
  await component.start()
  expect(component.health).toMatch(/quarantined \((timed out or ran out of memory|killed) 2 times/)
  expect(saidBy(component)).not.toContain(canary)
}
