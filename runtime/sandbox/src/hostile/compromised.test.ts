/** A runner that has been taken over: what it writes to its lane, and what it can reach of the host. */
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SandboxFixture, until, type TestComponent } from '../testing/sandbox-fixture.ts'
import { writeCompromisedRunner } from './compromised-runner.ts'
import { hostAccess } from './host-access.ts'
import type { HostileCase } from './hostile-case.ts'
import { protocol } from './protocol.ts'

const caseMs = 20_000
const limits = { hardKillsMax: 100, cpuShare: 1 }
const env = { clock: { sleep: () => new Promise(() => {}) } }

let fixture: SandboxFixture
let dir: string
beforeAll(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'ingot-compromised-'))
  const main = await writeCompromisedRunner(dir)
  fixture = await SandboxFixture.open({ blanks: 3, program: { dir, main, prelude: '', addon: '' } })
})
afterAll(async () => {
  await fixture.close()
  await fs.rm(dir, { recursive: true, force: true })
})

async function run(one: HostileCase): Promise<void> {
  const options = { limits: { ...limits, ...one.limits }, onQuarantine: 'drop', capabilities: ['clock'], env } as const
  const component = fixture.make(one.code, options)
  await component.start()
  const outcome = component.send('the first batch')
  if (one.ends === 'breaks the protocol') await quarantined(component)
  else if (one.ends === 'is survived') {
    expect(await outcome).toEqual({ status: 'dropped', reason: 'quarantined' })
    expect(one.by).toContain(component.losses[0]!.reason)
  } else {
    expect(await outcome).toEqual({ status: 'delivered' })
    expect(component.losses).toEqual([])
    if (one.says) expect(component.logs.map(({ message }) => message)).toContain(one.says)
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
  await component.instance.stop(1)
}

async function quarantined(component: TestComponent): Promise<void> {
  await until(() => component.health.includes('broke the protocol'), caseMs)
  expect(component.losses).toHaveLength(1)
  expect(component.losses[0]).toMatchObject({ hard: true, reason: 'protocol' })
  expect(component.emitted.length).toBeLessThanOrEqual(1)
}

describe.each([
  ['a compromised runner that sends', protocol],
  ['a compromised runner that', hostAccess],
] as const)('%s', (_, list) => {
  test.concurrent.each(list.map((one) => [one.name, one.ends, one] as const))(
    '%s %s',
    { timeout: caseMs },
    (_name, _ends, one) => run(one),
  )
})
