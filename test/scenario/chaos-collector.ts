/**
 * A collector as `ingot run` starts it, with the modules of testdata/chaos-module in its distribution: trusted components
 * that misbehave when a line asks for it. SIGUSR2 terminates one lane after the other.
 */
import { Collector, ConfigurationError } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution } from '@ingot/loader'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = (value: string) => ({ type: 'string', default: value }) as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'server.http.listen-addr': text('127.0.0.1:0'),
    'storage.path': text('data'),
    modules: text('modules/loki,modules/local,test/scenario/testdata/chaos-module'),
    lanes: text('2'),
    'lane.stall-ms': text('3000'),
    'lane.heap-mib': text('128'),
    'shutdown-ms': text('2000'),
    'reload.partial': { type: 'boolean', default: false },
  },
})

const cacheDir = defaultCacheDir(root)
const distribution = await prepareDistribution({ root, cacheDir, modules: values.modules.split(',') })
const collector = await start()
let next = 0
process.on('SIGHUP', () => void collector.reload())
process.on('SIGUSR2', () => collector.terminateLane(next++ % Number(values.lanes)))
process.once('SIGTERM', () => void collector.stop())

async function start(): Promise<Collector> {
  try {
    return await Collector.start({
      configPath: positionals[0]!,
      distribution,
      cacheDir,
      storageDir: values['storage.path'],
      listenAddress: values['server.http.listen-addr'],
      memoryAddress: 'alloy.internal:12345',
      uiPathPrefix: '/',
      lanes: Number(values.lanes),
      sandboxAll: false,
      shutdownDeadlineMs: Number(values['shutdown-ms']),
      laneStallMs: Number(values['lane.stall-ms']),
      laneHeapMiB: Number(values['lane.heap-mib']),
      stabilityLevel: 'generally-available',
      reloadPartial: values['reload.partial'],
      color: false,
    })
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(error.message)
    process.exit(1)
  }
}
