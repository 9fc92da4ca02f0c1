import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { indexLine } from '@ingot/manifest'
import { createToken, openStorage, type StorageOptions } from '@ingot/registry-server'
import { publishTo, RegistryProcess, testModule, type TestModule } from '@ingot/registry-server/testing'
import { integrity } from '@ingot/trust'

const modulesPerRound = 6
const killWithinMs = 40

export interface PublishKills {
  readonly storage: StorageOptions
  /** How often a registry is killed while versions are being published. */
  readonly kills: number
  readonly progress?: (kills: number) => void
}

/** What came of it: every acknowledged version is there, and of the others some that were committed but not answered. */
export interface KillFigures {
  readonly attempted: number
  readonly acknowledged: number
  readonly committed: number
}

/**
 * Kills a registry with SIGKILL at random moments of publishing, again and again on the same storage. An acknowledged
 * version must be there whole, any other be there whole or not at all, and publishing it again must work.
 * @throws AssertionError
 */
export async function publishKills({ storage, kills, progress }: PublishKills): Promise<KillFigures> {
  const token = await makeToken(storage)
  const modules = new Map<string, TestModule>()
  const acknowledged = new Set<string>()
  for (let round = 0; round < kills; round++) {
    const server = await RegistryProcess.start(storage)
    const fresh = Array.from({ length: modulesPerRound }, (_, index) => `${round}.${index}.0`)
    for (const version of fresh) modules.set(version, testModule({ version, code: `export default '${version}'` }))
    const publishing = fresh.map(async (version) => {
      if ((await statusOf(server.url, token, modules.get(version)!)) === 201) acknowledged.add(version)
    })
    // Some rounds die before the first answer, the others at a random moment after one of them.
    if (round % 2 === 1) await Promise.race(publishing)
    await sleep(Math.random() * killWithinMs)
    await server.kill()
    await Promise.all(publishing)
    progress?.(round + 1)
  }
  const server = await RegistryProcess.start(storage)
  try {
    const found = await published(server.url)
    await wantWhole(server.url, modules, acknowledged, found)
    await wantRepeatable(server.url, token, modules, found)
    return { attempted: modules.size, acknowledged: acknowledged.size, committed: found.size }
  } finally {
    await server.kill()
  }
}

async function makeToken(storage: StorageOptions): Promise<string> {
  const { meta, close } = await openStorage(storage)
  const { token } = await createToken(meta.tokens, { description: 'kills', modules: '*' })
  await close()
  return token
}

async function wantWhole(
  url: string,
  modules: ReadonlyMap<string, TestModule>,
  acknowledged: ReadonlySet<string>,
  found: ReadonlyMap<string, string>,
): Promise<void> {
  for (const version of acknowledged) ok(found.has(version), `version ${version} was acknowledged and is not there`)
  for (const [version, bytes] of found) {
    const { archive } = modules.get(version)!
    equal(bytes, integrity('sha512', archive))
    const blob = await fetch(`${url}/blobs/sha512/${createHash('sha512').update(archive).digest('hex')}`)
    ok(Buffer.from(await blob.arrayBuffer()).equals(archive), `the blob of ${version} is another one`)
    equal((await fetch(`${url}/m/@acme/redact/${version}/bundle.json`)).status, 200)
  }
}

async function wantRepeatable(
  url: string,
  token: string,
  modules: ReadonlyMap<string, TestModule>,
  found: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [version, module] of modules) {
    deepEqual([version, await statusOf(url, token, module)], [version, found.has(version) ? 200 : 201])
  }
  equal((await published(url)).size, modules.size)
  const answer = (await (await fetch(`${url}/api/v1/events?after=${modules.size - 1}`)).json()) as { events: unknown[] }
  equal(answer.events.length, 1, 'the log has one event for each version')
}

async function statusOf(url: string, token: string, module: TestModule): Promise<number | undefined> {
  return publishTo(url, token, module).then(
    ({ status }) => status,
    () => undefined,
  )
}

/** The integrity of each version in the index. */
async function published(url: string): Promise<Map<string, string>> {
  const response = await fetch(`${url}/index/@acme/redact.ndjson`)
  if (response.status === 404) return new Map()
  const [, ...lines] = (await response.text()).trim().split('\n')
  return new Map(lines.map((line) => indexLine.parse(JSON.parse(line))).map(({ v, integrity: bytes }) => [v, bytes]))
}
