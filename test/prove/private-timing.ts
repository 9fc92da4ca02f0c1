import { deepEqual, equal } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import { openRegistry, type StorageOptions } from '@ingot/registry-server'
import { publishTo, RegistryProcess, signIn, testModule } from '@ingot/registry-server/testing'
import { percentile } from './percentile.ts'
import { SeededRandom } from './seeded-random.ts'

/** Names of one length, of which one is there. */
const [closed, absent] = ['closed', 'absent'] as const
/** Answers of a server that has just started tell of its compiler. */
const warmUps = 200
const resamples = 1_000
/** How sure the bound of a difference is, on each side. */
const confidence = 0.99

const paths = (scope: string, hex: string): Readonly<Record<string, string>> => ({
  scope: `/api/v1/scopes/@${scope}`,
  'page of a scope': `/@${scope}`,
  index: `/index/@${scope}/redact.ndjson`,
  module: `/api/v1/modules/@${scope}/redact`,
  'page of a module': `/@${scope}/redact`,
  manifest: `/m/@${scope}/redact/1.0.0/manifest.json`,
  bundle: `/m/@${scope}/redact/1.0.0/bundle.json`,
  feed: `/feeds/@${scope}.atom`,
  blob: `/blobs/sha512/${hex}`,
})

export interface TimingProof {
  readonly storage: StorageOptions
  /** Of each name at each place. */
  readonly requests: number
  readonly seed: number
}

export interface TimingFigures {
  readonly place: string
  readonly who: string
  readonly privateP50Ms: number
  readonly absentP50Ms: number
  /** Between the medians, and what it is at most with 99 % confidence (bootstrap). */
  readonly differenceMs: number
  readonly boundMs: number
}

/**
 * Whether the time of an answer tells a private name from one that is not there (registry.md §6, proof 10): both are asked
 * for in an order that is random, by nobody and by a stranger, over one connection. That both are told the same is checked; how
 * far their times are apart is told. @throws AssertionError
 */
export async function provePrivateTiming({ storage, requests, seed }: TimingProof): Promise<TimingFigures[]> {
  const module = testModule({ name: `@${closed}/redact` })
  const stranger = await fill(storage, module)
  const hex = createHash('sha512').update(module.archive).digest('hex')
  const [there, missing] = [paths(closed, hex), paths(absent, '0'.repeat(hex.length))]
  const server = await RegistryProcess.start(storage)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const random = new SeededRandom(seed)
  const figures: TimingFigures[] = []
  try {
    for (const [who, headers] of [['nobody', {}] as const, ['a stranger', stranger] as const]) {
      for (const [place, path] of Object.entries(there)) {
        const ask = (url: string) => timeOf(`${server.url}${url}`, agent, headers)
        const [private_, absent_]: [number[], number[]] = [[], []]
        for (let at = 0; at < warmUps; at++) await ask(at % 2 === 0 ? path : missing[place]!)
        while (private_.length < requests || absent_.length < requests) {
          const isPrivate = absent_.length >= requests || (private_.length < requests && random.below(2) === 0)
          const times = isPrivate ? private_ : absent_
          times.push(await ask(isPrivate ? path : missing[place]!))
        }
        figures.push({ place, who, ...compared(private_, absent_, random) })
      }
    }
    return figures
  } finally {
    agent.destroy()
    await server.kill()
  }
}

/** Makes a private scope with a module, and somebody who is no member. */
async function fill(storage: StorageOptions, module: ReturnType<typeof testModule>) {
  const registry = await openRegistry({ ...storage, url: 'http://registry.test' })
  const owner = await signIn(registry, { name: 'owner', roles: { [`@${closed}`]: 'owner' } })
  const stranger = await signIn(registry, { name: 'stranger' })
  const at = new Date().toISOString()
  const author = { actor: 'user:owner', token: null, ip: '', registry: registry.url, at }
  await registry.meta.scopes.setPolicy(`@${closed}`, { visibility: 'private' }, author)
  await registry.close()
  const server = await RegistryProcess.start(storage)
  try {
    const answer = await publishTo(server.url, '', module, owner)
    equal(answer.status, 201, await answer.text())
    const found = paths(closed, createHash('sha512').update(module.archive).digest('hex'))
    for (const path of Object.values(found)) {
      equal((await fetch(`${server.url}${path}`, { headers: owner })).status, 200, path)
      deepEqual((await fetch(`${server.url}${path}`, { headers: stranger })).status, 404, path)
    }
  } finally {
    await server.kill()
  }
  return stranger
}

/** Milliseconds from the request to the last byte of its refusal. */
function timeOf(url: string, agent: Agent, headers: Readonly<Record<string, string>>): Promise<number> {
  const start = process.hrtime.bigint()
  return new Promise((done, failed) => {
    const sent = request(url, { agent, headers }, (response) => {
      response.resume().once('end', () => {
        const ms = Number(process.hrtime.bigint() - start) / 1e6
        if (response.statusCode === 404) done(ms)
        else failed(new Error(`Found status ${response.statusCode} of ${url}, want 404`))
      })
    })
    sent.once('error', failed).end()
  })
}

function compared(private_: readonly number[], absent_: readonly number[], random: SeededRandom) {
  const median = (times: readonly number[]): number => percentile(times, 0.5)
  const resampled = (times: readonly number[]): number => median(times.map(() => random.pick(times)))
  const differences = Array.from({ length: resamples }, () => Math.abs(resampled(private_) - resampled(absent_)))
  return {
    privateP50Ms: median(private_),
    absentP50Ms: median(absent_),
    differenceMs: Math.abs(median(private_) - median(absent_)),
    boundMs: percentile(differences, confidence),
  }
}
