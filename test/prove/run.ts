/**
 * `npm run prove -- publish-kills [--kills n]`, `-- lifecycle-kills [--kills n]` and `-- same-version [--publishers n]`: what is claimed of the registry, at
 * length, on every pair of storage. `-- resolver [--graphs n]`: the resolver beside brute force. `-- search [--modules n]
 * [--queries n]`: search at size, on both databases. `-- load [--seconds n]`: what many clients
 * ask at once. `-- private-timing [--requests n]`: whether the time of an answer tells what is private. `-- archives [--inputs n]`: archives that are wrong at random. Short slices are tests.
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measureResolver, proveResolver } from '@ingot/loader/testing'
import { storagePairs, StorageServers } from '../registry/storage-pairs.ts'
import { servers } from '../servers/debian.ts'
import { proveHostileArchives } from './hostile-archives.ts'
import { lifecycleKills } from './lifecycle-kills.ts'
import { proveLoad } from './load.ts'
import { provePrivateTiming } from './private-timing.ts'
import { publishKills } from './publish-kills.ts'
import { publishSameVersion } from './same-version.ts'
import { proveSearch } from './search.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '1000' },
    publishers: { type: 'string', default: '200' },
    graphs: { type: 'string', default: '10000' },
    modules: { type: 'string', default: '50000' },
    inputs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '20' },
    queries: { type: 'string', default: '500' },
    requests: { type: 'string', default: '1000' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const [name = 'publish-kills'] = positionals
const { path } = servers.postgresql
const programs: Readonly<Record<string, (stores: StorageServers) => Promise<void>>> = {
  'publish-kills': kills,
  'lifecycle-kills': killsOfLifecycle,
  'same-version': sameVersion,
  resolver,
  search,
  load,
  'private-timing': privateTiming,
  archives,
}
const program = programs[name]
if (!program) throw new Error(`Cannot prove "${name}": want ${Object.keys(programs).join(' or ')}`)
// Servers that were started end with the process, and a process that a signal ends without this does not say so.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const stores = await StorageServers.create(path)
try {
  await program(stores)
} finally {
  await stores.stop()
}

async function kills(servers: StorageServers): Promise<void> {
  const pairs = storagePairs.filter(({ database }) => database === 'SQLite' || existsSync(path))
  const each = Math.ceil(Number(values.kills) / pairs.length)
  for (const pair of pairs) {
    const label = `${pair.database} and ${pair.blobs}`
    const progress = (done: number): void => {
      if (done % 25 === 0) say(`${label}: ${done} of ${each} kills`)
    }
    const figures = await publishKills({ storage: await servers.storage(pair), kills: each, progress })
    say(
      `${label}: ${each} kills, ${figures.attempted} versions attempted, ${figures.committed} of them committed, all ${figures.acknowledged} acknowledged ones among them`,
    )
  }
}

async function killsOfLifecycle(servers: StorageServers): Promise<void> {
  const pairs = storagePairs.filter(({ database }) => database === 'SQLite' || existsSync(path))
  const each = Math.ceil(Number(values.kills) / pairs.length)
  for (const pair of pairs) {
    const { staged, approved, yanked } = await lifecycleKills({ storage: await servers.storage(pair), kills: each })
    say(
      `${pair.database} and ${pair.blobs}: ${each} kills, all of ${staged} stages, ${approved} approvals and ${yanked} yanks that were answered are there`,
    )
  }
}

async function sameVersion(servers: StorageServers): Promise<void> {
  const publishers = Number(values.publishers)
  for (const { pair, replicas } of [
    { pair: storagePairs[0]!, replicas: 1 },
    ...(existsSync(path) ? [{ pair: storagePairs[3]!, replicas: 4 }] : []),
  ]) {
    const start = performance.now()
    await publishSameVersion({ storage: await servers.storage(pair), publishers, replicas })
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    say(
      `${pair.database} and ${pair.blobs}, ${replicas} servers: ${publishers} publishers of one version in ${seconds} s, one 201, ${publishers - 1} times 409`,
    )
  }
}

async function resolver(): Promise<void> {
  const { answered, refused } = await proveResolver({ graphs: Number(values.graphs), seed: 1 })
  say(`${answered + refused} random graphs as by brute force: ${answered} with an answer, ${refused} without`)
  const { resolveMs, frozenMs, modules } = await measureResolver()
  say(
    `${modules} modules: resolved in ${resolveMs.toFixed(0)} ms (want 300), frozen check in ${frozenMs.toFixed(0)} ms (want 50)`,
  )
}

async function search(servers: StorageServers): Promise<void> {
  for (const pair of storagePairs.filter(({ blobs }) => blobs === 'files')) {
    if (pair.database === 'PostgreSQL' && !existsSync(path)) continue
    const [modules, queries] = [Number(values.modules), Number(values.queries)]
    const figures = await proveSearch({ storage: await servers.storage(pair), modules, queries, seed: 1 })
    say(`${pair.database}, ${modules} modules, ${queries} queries of each kind:`)
    for (const { kind, p50Ms, p99Ms } of figures) {
      const bound = kind.includes('README') ? 150 : 50
      say(`  ${kind}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms (want ${bound})`)
    }
  }
}

async function load(servers: StorageServers): Promise<void> {
  const seconds = Number(values.seconds)
  for (const pair of storagePairs.filter(({ blobs }) => blobs === 'files')) {
    if (pair.database === 'PostgreSQL' && !existsSync(path)) continue
    const storage = await servers.storage(pair)
    const report = await proveLoad({ storage, publishes: 300, downloads: 200, perSecond: 2_000, seconds })
    const { index } = report
    say(`${pair.database} and ${pair.blobs}:`)
    say(
      `  publish: p50 ${ms(report.publishP50Ms)}, p99 ${ms(report.publishP99Ms)} (want 500), visible within ${ms(report.visibleMaxMs)} (want 2,000)`,
    )
    say(
      `  ${index.requests} times 304 at 2,000 a second: p50 ${ms(index.p50Ms)}, p99 ${ms(index.p99Ms)} (want 10), at most ${ms(index.maxMs)}`,
    )
    say(
      `  200 downloads of 10 MiB at once in ${report.downloadSeconds.toFixed(1)} s: ${report.memoryMaxMiB.toFixed(0)} MiB of memory (want 300), ${report.memoryBeforeMiB.toFixed(0)} before`,
    )
  }
}

async function privateTiming(servers: StorageServers): Promise<void> {
  for (const pair of storagePairs.filter(({ blobs }) => blobs === 'files')) {
    if (pair.database === 'PostgreSQL' && !existsSync(path)) continue
    const storage = await servers.storage(pair)
    const figures = await provePrivateTiming({ storage, requests: Number(values.requests), seed: 1 })
    say(`${pair.database}, ${values.requests} requests for a private name and as many for one that is not there:`)
    for (const { place, who, privateP50Ms, absentP50Ms, differenceMs, boundMs } of figures) {
      say(
        `  ${place} by ${who}: private ${fine(privateP50Ms)}, absent ${fine(absentP50Ms)}, apart ${fine(differenceMs)}, at most ${fine(boundMs)} (want 5)`,
      )
    }
  }
}

function fine(value: number): string {
  return `${value.toFixed(3)} ms`
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}

async function archives(): Promise<void> {
  const start = performance.now()
  const { corpus, read, refused, memoryBeforeMiB, memoryMaxMiB } = await proveHostileArchives({
    inputs: Number(values.inputs),
    seed: 1,
  })
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`)
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  say(`${corpus} hostile archives refused; of ${values.inputs} random ones ${read} read, refused: ${codes.join(', ')}`)
  say(`${memoryMaxMiB.toFixed(0)} MiB of memory (want 150), ${memoryBeforeMiB.toFixed(0)} of them before, ${seconds} s`)
}
