import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AssignRequest, RunnerControl, RunnerEvent } from './control.ts'
import { encodeHeader, fromRunner } from './protocol/frame.ts'
import { linesOf, poisoned, SandboxFixture, until } from './testing/sandbox-fixture.ts'

let fixture: SandboxFixture
beforeAll(async () => {
  fixture = await SandboxFixture.open()
})
afterAll(() => fixture.close())

const echo = 'return args.forward_to.emit(batch)'

describe('a runner that is killed', () => {
  test('under load is replaced, and every line is delivered once', async () => {
    const component = await fixture.start(echo)
    const outcomes = Array.from({ length: 200 }, (_, i) => component.send(`line ${i}`))
    await until(() => component.emitted.length > 20)
    for (const pid of fixture.supervisor.pids().assigned) process.kill(pid, 'SIGKILL')
    const settled = await Promise.all(outcomes)
    expect(settled.every(({ status }) => status === 'delivered')).toBe(true)
    expect(component.losses.map(({ reason, hard }) => ({ reason, hard }))).toEqual([{ reason: 'killed', hard: true }])
    const lines = component.emitted.flatMap(linesOf)
    expect(new Set(lines).size).toBe(200)
    expect(lines).toHaveLength(200)
    expect(component.counts).toEqual({ received: 200 })
    expect(fixture.exits.at(-1)).toMatchObject({ reason: 'killed', instance: expect.any(String) })
    await component.instance.stop(1_000)
  })

  test('five times in five minutes is quarantined with its module until the operator resumes it', async () => {
    const component = await fixture.start(poisoned('Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)'), {
      limits: { batchDeadlineMs: 300 },
    })
    await component.send('poison 1')
    await component.send('poison 2')
    const last = component.send('poison 3')
    await until(() => component.health.includes('quarantined'), 30_000)
    const waiting = component.send('good')
    fixture.supervisor.resume(fixture.exits.at(-1)!.instance)
    expect(await Promise.all([last, waiting])).toEqual([
      { status: 'dropped', reason: 'quarantined' },
      { status: 'delivered' },
    ])
    await component.instance.stop(1_000)
  })
})

describe('a runner', () => {
  test('cannot take the place of the one that control assigned', async () => {
    const control = new GarbageControl(Buffer.alloc(0), 'a wrong token')
    const component = fixture.make('export default {}', { control })
    const started = component.start().catch((error: Error) => error.name)
    await until(() => control.closed)
    expect(control.kills).toEqual([])
    await component.instance.stop(10)
    expect(await Promise.race([started, Promise.resolve('still waiting')])).toBe('still waiting')
  })
})

/** Stands in for control: instead of a runner, it connects a program that sends the given bytes. */
class GarbageControl implements RunnerControl {
  readonly kills: string[] = []
  closed = false
  readonly #bytes: Buffer
  readonly #token: string | undefined
  #onEvent: (event: RunnerEvent) => void = () => {}
  #socket: net.Socket | undefined

  constructor(bytes: Buffer, token?: string) {
    this.#bytes = bytes
    this.#token = token
  }

  async assign(
    request: AssignRequest,
    onEvent: (event: RunnerEvent) => void,
  ): Promise<{ runner: number; pid: number }> {
    this.#onEvent = onEvent
    const token = Buffer.from(this.#token ?? request.token)
    const socket = net.connect(request.socketPath)
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
    socket.write(Buffer.concat([encodeHeader({ kind: fromRunner.hello }, token.length), token]))
    // The garbage comes once the lane has sent the module.
    socket.once('data', () => socket.write(this.#bytes))
    return { runner: 1, pid: 0 }
  }

  async overdue(): Promise<'extended'> {
    return 'extended'
  }

  kill(_runner: number, reason: string): void {
    this.kills.push(reason)
    void this.#onEvent
    this.#socket?.destroy()
  }

  isolateLost(): void {}
  async join(): Promise<void> {}
  leave(): void {}
  blame(): void {}
  release(): void {
    this.#socket?.destroy()
  }
}
