/**
 * A collector with a runner that is stuck in a builtin which nothing interrupts: it prints what confines its runners, and
 * their pids. Its argument: the cache folder.
 */
import { poisoned, SandboxFixture } from './sandbox-fixture.ts'

const fixture = await SandboxFixture.open({ cacheDir: process.argv[2]! })
const spin = poisoned('Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)')
const component = await fixture.start(spin, { limits: { batchDeadlineMs: 30_000 } })
void component.send('poison')
// A blank and one that spins.
setTimeout(() => {
  const { assigned, blank } = fixture.supervisor.pids()
  const { confinement } = fixture.supervisor
  process.stdout.write(`${JSON.stringify({ pids: [...assigned, ...blank], spinning: assigned[0], confinement })}\n`)
}, 500)
