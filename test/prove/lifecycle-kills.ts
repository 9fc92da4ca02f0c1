import { AssertionError, deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { indexLine, type IndexLine } from '@ingot/manifest'
import { checkRegistry, openStorage, type StorageOptions } from '@ingot/registry-server'
import { operatorToken, publishTo, RegistryProcess, signIn, testModule } from '@ingot/registry-server/testing'

const modulesPerRound = 4
const killWithinMs = 40

export interface LifecycleKills {
  readonly storage: StorageOptions
  /** How often a registry is killed while versions are being staged, approved and yanked. */
  readonly kills: number
}

/** How many of each were answered. */
export interface LifecycleFigures {
  staged: number
  approved: number
  yanked: number
}

type Headers = Readonly<Record<string, string>>

interface Somebody {
  readonly token: Headers
  readonly session: Headers
}

/** What was answered to one version: nothing that was may be lost. */
interface Story {
  readonly version: string
  stageId?: string
  approved?: boolean
  yanked?: boolean
}

/**
 * Kills a registry with SIGKILL at random moments of staging, approving and yanking, again and again on the same storage.
 * What was answered must be so, what has its approval must be published by the next start, and all of it may be repeated.
 * @throws AssertionError
 */
export async function lifecycleKills({ storage, kills }: LifecycleKills): Promise<LifecycleFigures> {
  const who = await somebody(storage)
  const stories: Story[] = []
  for (let round = 0; round < kills; round++) {
    const server = await RegistryProcess.start(storage)
    const fresh = Array.from({ length: modulesPerRound }, (_, place): Story => ({ version: `${round}.${place}.0` }))
    stories.push(...fresh)
    const wrong: AssertionError[] = []
    const living = fresh.map((story) =>
      live(server.url, who, story).catch((error: unknown) => {
        // Anything else is the server's end.
        if (error instanceof AssertionError) wrong.push(error)
      }),
    )
    // The first story's end and a moment more: others are somewhere in theirs. Some rounds die long before.
    if (round % 3 !== 0) await Promise.race(living)
    await sleep(Math.random() * killWithinMs)
    await server.kill()
    await Promise.all(living)
    if (wrong[0]) throw wrong[0]
    deepEqual((await checkRegistry(storage)).problems, [])
  }
  const server = await RegistryProcess.start(storage)
  try {
    await wantKept(server.url, who, stories)
    // A version that went all the way before is told so at each step, and changes nothing.
    for (const story of stories) await live(server.url, who, { version: story.version })
    const lines = await index(server.url)
    for (const { version } of stories) equal(lines.get(version)?.status, 'yanked', version)
    equal(
      (await events(server.url)).length,
      2 * stories.length,
      'the log has one publish and one yank for each version',
    )
  } finally {
    await server.kill()
  }
  deepEqual((await checkRegistry(storage)).problems, [])
  return {
    staged: stories.filter(({ stageId }) => stageId !== undefined).length,
    approved: stories.filter(({ approved }) => approved).length,
    yanked: stories.filter(({ yanked }) => yanked).length,
  }
}

async function somebody(storage: StorageOptions): Promise<Somebody> {
  const opened = await openStorage(storage)
  try {
    const session = await signIn(opened, { name: 'ann', roles: { '@acme': 'owner' } })
    return { session, token: await operatorToken(opened, ['publish', 'stage']) }
  } finally {
    await opened.close()
  }
}

/** Stages a version, approves it and yanks it; what is done already is gone over. @throws when the server is gone. */
async function live(url: string, { token, session }: Somebody, story: Story): Promise<void> {
  const module = testModule({ version: story.version, code: `export default '${story.version}'` })
  const staged = await publishTo(url, '', module, { ...token }, '?stage=1')
  const { stageId } = (await staged.json()) as { stageId?: string }
  ok([200, 202].includes(staged.status), `staging was answered with ${staged.status}`)
  if (staged.status === 202) {
    story.stageId = stageId!
    const sha512 = createHash('sha512').update(module.archive).digest('hex')
    equal((await post(`${url}/api/v1/modules/@acme/redact/stages/${stageId}/approve`, session, { sha512 })).status, 201)
    story.approved = true
  }
  const path = `${url}/api/v1/modules/@acme/redact/versions/${story.version}/yank`
  equal((await post(path, session, { reason: 'it is slow' })).status, 200)
  story.yanked = true
}

async function post(url: string, headers: Headers, body: object): Promise<Response> {
  const all = { ...headers, 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body) })
  await response.arrayBuffer()
  return response
}

async function wantKept(url: string, { session }: Somebody, stories: readonly Story[]): Promise<void> {
  const lines = await index(url)
  const answer = await fetch(`${url}/api/v1/scopes/@acme/stages`, { headers: session })
  const { stages } = (await answer.json()) as { stages: { id: string; version: string; approvals: unknown[] }[] }
  for (const { version, approvals } of stages) {
    deepEqual(approvals, [], `${version} was approved and waits`)
    ok(!lines.has(version), `${version} is published and waits`)
  }
  for (const { version, stageId, approved, yanked } of stories) {
    const waits = stages.some(({ id }) => id === stageId)
    if (stageId !== undefined) ok(waits || lines.has(version), `${version} was staged and is not there`)
    if (approved) ok(lines.has(version), `${version} was approved and is not there`)
    if (yanked) equal(lines.get(version)?.status, 'yanked', version)
  }
}

async function index(url: string): Promise<Map<string, IndexLine>> {
  const response = await fetch(`${url}/index/@acme/redact.ndjson`)
  if (response.status === 404) return new Map()
  const [, ...lines] = (await response.text()).trim().split('\n')
  return new Map(lines.map((line) => indexLine.parse(JSON.parse(line))).map((line) => [line.v, line]))
}

/** Pages are followed to their end. */
async function events(url: string): Promise<unknown[]> {
  const all: unknown[] = []
  for (;;) {
    const response = await fetch(`${url}/api/v1/events?after=${all.length}`)
    const { events: page } = (await response.json()) as { events: unknown[] }
    all.push(...page)
    if (page.length === 0) return all
  }
}
