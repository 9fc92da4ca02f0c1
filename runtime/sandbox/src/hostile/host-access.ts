/** What a compromised runner does to the host: the permission model of Node.js and the launch line stand in its way. */
import { runnerEnvironment } from '../supervisor/launch.ts'
import { cases, type HostileCase } from './hostile-case.ts'

/** Says the code of the error that `attempt` ends with. */
const attempt = (code: string) => `let said = 'done'
  try { ${code} } catch (error) { said = error.code ?? error.message }
  world.say(said); world.settle(id); world.endTurn()`

const fs = "world.require('node:fs')"

export const hostAccess: readonly HostileCase[] = [
  ...cases(
    { ends: 'has no effect', says: 'ERR_ACCESS_DENIED' },
    {
      'reads a file of the host': attempt(`${fs}.readFileSync('/etc/passwd')`),
      'reads a file by its descriptor’s name': attempt(`${fs}.readFileSync('/proc/self/fd/0')`),
      'reads the environment of the collector': attempt(
        `${fs}.readFileSync('/proc/' + world.process.ppid + '/environ')`,
      ),
      'reads the memory of the collector': attempt(`${fs}.openSync('/proc/' + world.process.ppid + '/mem', 'r')`),
      'reads its own environment from the system': attempt(`${fs}.readFileSync('/proc/self/environ')`),
      'lists its folder': attempt(`${fs}.readdirSync('.')`),
      'lists the sockets of lanes': attempt(`${fs}.readdirSync('/tmp')`),
      'writes a file': attempt(`${fs}.writeFileSync('/tmp/ingot-hostile', 'a')`),
      'writes into its program': attempt(`${fs}.appendFileSync(world.process.argv[1], 'a')`),
      'makes a link': attempt(
        `${fs}.symlinkSync('/etc/passwd', world.require('node:path').join(world.process.argv[1], '..', 'passwd'))`,
      ),
      'removes its program': attempt(`${fs}.rmSync(world.process.argv[1])`),
      'starts a program': attempt(`world.require('node:child_process').execFileSync('true')`),
      'forks itself': attempt(`world.require('node:child_process').fork(world.process.argv[1])`),
      'starts a thread': attempt(`new (world.require('node:worker_threads').Worker)('1', { eval: true })`),
      'opens a debugger': attempt(`world.require('node:inspector').open(0)`),
      'starts a WASI program': attempt(`new (world.require('node:wasi').WASI)({ version: 'preview1' })`),
    },
  ),
  {
    name: 'looks at its environment',
    code: 'world.say(JSON.stringify(world.process.env)); world.settle(id); world.endTurn()',
    ends: 'has no effect',
    says: JSON.stringify(runnerEnvironment),
  },
]
