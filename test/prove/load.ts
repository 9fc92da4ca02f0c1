import { equal, ok } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { indexLine, searchAnswer } from '@ingot/manifest'
import { createToken, openStorage, type StorageOptions } from '@ingot/registry-server'
import { publishTo, RegistryProcess, testModule, type TestModule } from '@ingot/registry-server/testing'
import type { LoadFigures, LoadTask } from './load-generator.ts'
import { percentile } from './percentile.ts'

const generator = fileURLToPath(new URL('load-generator.ts', import.meta.url))
/** Together just below what a registry takes of a module: random bytes do not compress. */
const largeFiles = ['a.bin', 'b.bin']
const largeFileBytes = 5 * 2 ** 20 - 10_000
const indexes = 50
const memoryEveryMs = 20
const visibleWithinMs = 2_000

export interface LoadProof {
  readonly storage: StorageOptions
  readonly publishes: number
  readonly downloads: number
  readonly perSecond: number
  readonly seconds: number
}

export interface LoadReport {
  readonly publishP50Ms: number
  readonly publishP99Ms: number
  /** From the answer to a publish until it is in the index and found. */
  readonly visibleMaxMs: number
  readonly index: LoadFigures
  readonly downloadSeconds: number
  readonly memoryBeforeMiB: number
  readonly memoryMaxMiB: number
}

/** What many clients ask of one registry (registry.md §6, proof 12): what is answered is checked, how fast is told. @throws AssertionError */
export async function proveLoad(proof: LoadProof): Promise<LoadReport> {
  const token = await makeToken(proof.storage)
  const large = testModule({
    name: '@acme/large',
    extra: largeFiles.map((path) => ({ path, content: randomBytes(largeFileBytes) })),
  })
  const first = await RegistryProcess.start(proof.storage)
  let published
  let index
  try {
    published = await publishMany(first.url, token, proof.publishes)
    equal((await publishTo(first.url, token, large)).status, 201)
    index = await loadIndexes(first.url, proof)
  } finally {
    await first.kill()
  }
  // Another process: what publishing has taken of memory is not counted.
  const second = await RegistryProcess.start(proof.storage)
  try {
    return { ...published, index, ...(await download(second, large, proof.downloads)) }
  } finally {
    await second.kill()
  }
}

async function makeToken(storage: StorageOptions): Promise<string> {
  const { meta, close } = await openStorage(storage)
  const { token } = await createToken(meta.tokens, { description: 'load', modules: '*' })
  await close()
  return token
}

async function publishMany(url: string, token: string, publishes: number) {
  const [times, visible]: [number[], number[]] = [[], []]
  for (let at = 0; at < publishes; at++) {
    const module = testModule({ name: `@acme/module-${at % indexes}`, version: `1.${at}.0` })
    const start = performance.now()
    equal((await publishTo(url, token, module)).status, 201)
    const answered = performance.now()
    times.push(answered - start)
    await untilVisible(url, module)
    visible.push(performance.now() - answered)
  }
  return {
    publishP50Ms: percentile(times, 0.5),
    publishP99Ms: percentile(times, 0.99),
    visibleMaxMs: Math.max(...visible),
  }
}

async function untilVisible(url: string, { manifest: { name, version } }: TestModule): Promise<void> {
  const end = performance.now() + visibleWithinMs
  for (;;) {
    const answer = searchAnswer.parse(await (await fetch(`${url}/api/v1/search?q=${encodeURIComponent(name)}`)).json())
    const listed = (await (await fetch(`${url}/index/${name}.ndjson`)).text()).includes(`"v":"${version}"`)
    if (listed && answer.items.some((item) => item.name === name && item.version === version)) return
    ok(performance.now() < end, `${name}@${version} is not visible after ${visibleWithinMs} ms`)
  }
}

async function loadIndexes(url: string, { perSecond, seconds, publishes }: LoadProof): Promise<LoadFigures> {
  const names = Array.from({ length: Math.min(indexes, publishes) }, (_, at) => `/index/@acme/module-${at}.ndjson`)
  const entities = await Promise.all(
    names.map(async (path) => {
      // As the generator asks: for no encoding.
      const response = await fetch(`${url}${path}`, { headers: { 'accept-encoding': 'identity' } })
      const [, line] = (await response.text()).split('\n')
      indexLine.parse(JSON.parse(line!))
      return { path, etag: response.headers.get('etag')! }
    }),
  )
  const run = async (task: Pick<LoadTask, 'perSecond' | 'seconds'>): Promise<LoadFigures> => {
    const all: LoadTask = { port: Number(new URL(url).port), entities, ...task }
    const { stdout } = await promisify(execFile)(process.execPath, [generator, JSON.stringify(all)])
    return JSON.parse(stdout) as LoadFigures
  }
  // The server's code is compiled while it runs: the first second is not counted.
  await run({ perSecond: Math.min(perSecond, 500), seconds: 1 })
  const figures = await run({ perSecond, seconds })
  equal(figures.others, 0, `${figures.others} answers were not 304`)
  return figures
}

/** Everyone at once, and every byte looked at. */
async function download(server: RegistryProcess, { archive }: TestModule, downloads: number) {
  const sha512 = createHash('sha512').update(archive).digest('hex')
  const before = await residentMiB(server.pid)
  let max = before
  let done = false
  const watching = (async () => {
    while (!done) {
      max = Math.max(max, await residentMiB(server.pid))
      await sleep(memoryEveryMs)
    }
  })()
  const start = performance.now()
  try {
    await Promise.all(Array.from({ length: downloads }, () => digestOf(`${server.url}/blobs/sha512/${sha512}`, sha512)))
  } finally {
    done = true
    await watching
  }
  const downloadSeconds = (performance.now() - start) / 1000
  return { downloadSeconds, memoryBeforeMiB: before, memoryMaxMiB: max }
}

async function digestOf(url: string, sha512: string): Promise<void> {
  const hash = createHash('sha512')
  for await (const chunk of (await fetch(url)).body!) hash.update(chunk)
  equal(hash.digest('hex'), sha512)
}

async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024
}
