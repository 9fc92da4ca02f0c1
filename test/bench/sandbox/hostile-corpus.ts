/** Every case of the hostile corpus, in a process that does nothing else: how its event loop fares, and how soon the next batch is right. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { corpus } from '../../../runtime/sandbox/src/hostile/corpus.ts'
import type { HostileCase } from '../../../runtime/sandbox/src/hostile/hostile-case.ts'
import { residentBytesMax, resolveLimits } from '../../../runtime/sandbox/src/limits.ts'
import { poisoned, SandboxFixture, type TestComponent } from '../../../runtime/sandbox/src/testing/sandbox-fixture.ts'

/** How finely the event loop is looked at; so much of each delay is the timer's own. */
const resolutionMs = 1
const limits = { isolateLossesMax: 100, hardKillsMax: 100, cpuShare: 1, killWindowMs: 1 }

export interface HostileFigures {
  readonly cases: number
  readonly lost: number
  readonly lagP99Ms: number
  readonly lagMaxMs: number
  /** From the last loss of an isolate or runner to the next good batch, in ascending order. */
  readonly recoveryMs: readonly number[]
  /** Beyond the bound at which a runner is killed. */
  readonly overshootMiB: number
}

export async function measureHostileCorpus(): Promise<HostileFigures> {
  const fixture = await SandboxFixture.open({ blanks: 2 })
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  const recoveryMs: number[] = []
  const overshoots: number[] = []
  const all = Object.values(corpus).flat()
  delay.enable()
  for (const one of all) {
    const before = fixture.exits.length
    const ms = await run(fixture, one)
    if (ms !== undefined) recoveryMs.push(ms)
    const bound = residentBytesMax(resolveLimits({ ...limits, ...one.limits }))
    const ofMemory = fixture.exits.slice(before).filter(({ reason }) => reason === 'memory')
    overshoots.push(...ofMemory.map(({ peakRssBytes }) => (peakRssBytes - bound) / 2 ** 20))
  }
  delay.disable()
  await fixture.close()
  return {
    cases: all.length,
    lost: recoveryMs.length,
    lagP99Ms: delay.percentile(99) / 1e6 - resolutionMs,
    lagMaxMs: delay.max / 1e6 - resolutionMs,
    recoveryMs: recoveryMs.toSorted((a, b) => a - b),
    overshootMiB: Math.max(0, ...overshoots),
  }
}

/** @returns from the last loss to the good batch; `undefined` where nothing was lost. */
async function run(fixture: SandboxFixture, one: HostileCase): Promise<number | undefined> {
  const component: TestComponent = await fixture.start(poisoned(one.code), {
    limits: { ...limits, ...one.limits },
    onQuarantine: 'drop',
    ...(one.before && { before: one.before }),
  })
  await component.send('poison')
  const { lostAt } = component
  await component.send('good')
  const recovered = performance.now()
  await component.instance.stop(1_000)
  return lostAt === undefined ? undefined : recovered - lostAt
}
