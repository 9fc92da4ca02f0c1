import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { indexLine } from '@ingot/manifest'
import { integrity } from '@ingot/trust'
import { expect, onTestFinished, test } from 'vitest'
import { createToken } from './publish/token.ts'
import { openStorage } from './registry.ts'
import { publishTo } from './testing/test-registry.ts'
import { testModule, type TestModule } from './testing/test-module.ts'

/** A slice of a long program: INGOT_KILL_ROUNDS=1000 runs all of it. */
const rounds = Number(process.env['INGOT_KILL_ROUNDS'] ?? 8)
const modulesPerRound = 6
const killWithinMs = 40

interface Server {
  readonly url: string
  kill(): Promise<void>
}

async function serve(dataDir: string): Promise<Server> {
  const program = fileURLToPath(new URL('testing/serve-program.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, JSON.stringify({ dataDir })],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  return { url: `http://127.0.0.1:${port.toString().trim()}`, kill }
}

async function status(url: string, token: string, module: TestModule): Promise<number | undefined> {
  return publishTo(url, token, module).then(
    (response) => response.status,
    () => undefined,
  )
}

async function published(url: string): Promise<Map<string, string>> {
  const response = await fetch(`${url}/index/@acme/redact.ndjson`)
  if (response.status === 404) return new Map()
  const [, ...lines] = (await response.text()).trim().split('\n')
  return new Map(lines.map((line) => indexLine.parse(JSON.parse(line))).map(({ v, integrity: bytes }) => [v, bytes]))
}

test(
  'a publish that was acknowledged survives kill -9, and no other is half there',
  { timeout: 30_000 + rounds * 10_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ingot-registry-crash-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const storage = await openStorage({ dataDir })
    const { token } = await createToken(storage.meta.tokens, { description: 'test', modules: '*' })
    await storage.close()
    const modules = new Map<string, TestModule>()
    const acknowledged = new Set<string>()

    for (let round = 0; round < rounds; round++) {
      const server = await serve(dataDir)
      const fresh = Array.from({ length: modulesPerRound }, (_, index) => `${round}.${index}.0`)
      for (const version of fresh) modules.set(version, testModule({ version, code: `export default '${version}'` }))
      const publishing = fresh.map(async (version) => {
        if ((await status(server.url, token, modules.get(version)!)) === 201) acknowledged.add(version)
      })
      // Some rounds die before the first answer, the others at a random moment after one of them.
      if (round % 2 === 1) await Promise.race(publishing)
      await sleep(Math.random() * killWithinMs)
      await server.kill()
      await Promise.all(publishing)
    }

    expect(acknowledged.size, 'acknowledged versions').toBeGreaterThan(0)
    const { url } = await serve(dataDir)
    const found = await published(url)
    for (const version of acknowledged) expect(found.has(version), `version ${version} was acknowledged`).toBe(true)
    for (const [version, bytes] of found) {
      const { archive } = modules.get(version)!
      expect(bytes).toBe(integrity('sha512', archive))
      const blob = await fetch(`${url}/blobs/sha512/${createHash('sha512').update(archive).digest('hex')}`)
      expect(Buffer.from(await blob.arrayBuffer()).equals(archive)).toBe(true)
      expect((await fetch(`${url}/m/@acme/redact/${version}/bundle.json`)).status).toBe(200)
    }
    for (const [version, module] of modules) {
      expect([version, await status(url, token, module)]).toEqual([version, found.has(version) ? 200 : 201])
    }
    expect((await published(url)).size).toBe(modules.size)
    expect((await readdir(join(dataDir, 'blobs/sha512'))).length).toBe(modules.size)
  },
)
