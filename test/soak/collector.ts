/**
 * A collector as `ingot run` starts it, with the faulty module in place of what a lock would pin, and runners that write
 * garbage to their lanes when their module logs the word. SIGUSR2 terminates one lane after the other.
 */
import { Collector } from '@ingot/engine'
import { defaultCacheDir, ModuleCache, packFolder, packerHash, prepareDistribution } from '@ingot/loader'
import { RunnerSupervisor } from '@ingot/sandbox'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'server.http.listen-addr': { type: 'string' },
    'storage.path': { type: 'string' },
    /** Where runners are started from: processes of this soak are known by it. */
    'cache.path': { type: 'string' },
    lanes: { type: 'string' },
  },
})

const sharedCache = defaultCacheDir(root)
const distribution = await prepareDistribution({
  root,
  cacheDir: sharedCache,
  modules: ['modules/loki', 'modules/local'],
})
const module = await packFolder(join(root, 'test/soak/testdata/faulty-module'), {
  cache: new ModuleCache(sharedCache),
  packer: await packerHash(root),
})
await corruptRunners(join(values['cache.path']!, 'runner'))
const collector = await Collector.start({
  configPath: positionals[0]!,
  distribution,
  cacheDir: values['cache.path']!,
  storageDir: values['storage.path']!,
  modules: new Map([[module.manifest.name, module]]),
  listenAddress: values['server.http.listen-addr']!,
  memoryAddress: 'alloy.internal:12345',
  uiPathPrefix: '/',
  lanes: Number(values.lanes),
  sandboxAll: false,
  shutdownDeadlineMs: 10_000,
  laneStallMs: 20_000,
  laneHeapMiB: 512,
  stabilityLevel: 'generally-available',
  color: false,
})
let next = 0
process.on('SIGUSR2', () => collector.terminateLane(next++ % Number(values.lanes)))
process.once('SIGTERM', () => void collector.stop())

/** As if something had escaped from the isolate: what it writes to the lane is noise. */
async function corruptRunners(cacheDir: string): Promise<void> {
  // Whoever opens a supervisor finds its runner's program in the cache, or puts it there.
  await (await RunnerSupervisor.open({ cacheDir, blanks: 0 })).close()
  const [main] = globSync(join(cacheDir, 'runner-*/runner.cjs'))
  const noise = `{
    const fs = require('node:fs')
    const { writevSync } = fs
    fs.writevSync = (fd, buffers) => {
      if (!buffers.some((each) => each.length < 1000 && Buffer.from(each).includes('!garbage'))) return writevSync(fd, buffers)
      const noise = [Buffer.from(Array.from({ length: 4096 }, () => Math.floor(Math.random() * 256)))]
      writevSync(fd, noise)
      return buffers.reduce((sum, { length }) => sum + length, 0)
    }
  }\n`
  const program = readFileSync(main!, 'utf8')
  if (!program.startsWith(noise)) writeFileSync(main!, noise + program)
}
