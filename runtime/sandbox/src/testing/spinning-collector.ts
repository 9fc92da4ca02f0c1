/** A collector with a runner that is stuck in a builtin which nothing interrupts: it prints its runners' pids. */
import { poisoned, SandboxFixture } from './sandbox-fixture.ts'

const fixture = await SandboxFixture.open()
const spin = poisoned('Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)')
const component = await fixture.start(spin, { limits: { batchDeadlineMs: 30_000 } })
void component.send('poison')
// A blank and one that spins.
setTimeout(() => {
  const { assigned, blank } = fixture.supervisor.pids()
  process.stdout.write(`${JSON.stringify([...assigned, ...blank])}\n`)
}, 500)
