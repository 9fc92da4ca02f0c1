/**
 * `npm run soak -- [--minutes n] [--instances n] [--seed n]`: a collector with sandboxed instances that loop, grow, throw,
 * hang and write garbage, while runners and lanes are killed and the configuration changes. Whatever does not hold is told
 * at the end, and the program fails.
 */
import { parseArgs } from 'node:util'
import { summary } from './report.ts'
import { Soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    instances: { type: 'string', default: '50' },
    seed: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const say = (line: string): void => void process.stdout.write(line)
const instances = Number(values.instances)
say(`${instances} instances for ${values.minutes} minutes, seed ${seed}\n`)
const soak = new Soak({
  seconds: Number(values.minutes) * 60,
  instances,
  seed,
  onSample: ({ seconds, collectorMiB, runnersMiB, runners, descriptors }, { lines, faults, resumed }) => {
    const faultsSoFar = Object.values(faults).reduce((sum, each) => sum + each, 0)
    say(
      `${seconds.toFixed(0).padStart(5)} s: ${lines.written} lines, ${lines.written - lines.arrived} open; ${faultsSoFar} faults, ${resumed} resumed; ` +
        `collector ${collectorMiB.toFixed(0)} MiB, ${descriptors} descriptors; ${runners} runners, ${runnersMiB.toFixed(0)} MiB\n`,
    )
  },
})
const report = await soak.run()
say(summary(report))
process.exitCode = report.failures.length === 0 ? 0 : 1
