/** Every capability, declared or not, granted or not, designated by an argument or not: what a component has of it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isCapabilityError, type Capability, type Env } from '@ingot/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEnv, temporaryDirectory } from '../test-env.ts'
import { argumentSchemas } from './schemas.ts'

type Expected = 'absent' | 'denied' | 'allowed'

interface Row {
  readonly property: string
  /** What is named by the grant or the argument, and then used; none for powers without a target. */
  readonly target?: () => string
  /** Whether an argument can give it. */
  readonly designates?: boolean
  readonly use: (env: Env, target: string) => unknown
}

let server: Server
let directory: string
beforeAll(async () => {
  server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const file = () => join(directory, 'granted', 'a.txt')
const rows: Readonly<Record<Capability, Row>> = {
  'http.request': {
    property: 'http',
    target: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    designates: true,
    use: (env, url) => env.http.request({ method: 'GET', url, timeoutMs: 10_000, bodyBytesMax: 100 }),
  },
  'http.serve': {
    property: 'server',
    target: () => '127.0.0.1:0',
    designates: true,
    use: (env, address) =>
      env.server.listenHttp({ address, bodyBytesMax: 1, requestsMax: 1 }, async () => ({ status: 200 })),
  },
  'fs.read': { property: 'fs', target: file, designates: true, use: (env, path) => env.fs.readText(path) },
  'fs.watch': {
    property: 'watch',
    target: file,
    designates: true,
    use: (env, path) => env.watch.watch(path, () => {}, { signal: AbortSignal.timeout(1) }),
  },
  'env.read': { property: 'vars', target: () => 'REGION', designates: false, use: (env, name) => env.vars.get(name) },
  state: { property: 'state', use: (env) => env.state.set('a', 'b') },
  clock: { property: 'clock', use: (env) => env.clock.sleep(0) },
  random: { property: 'random', use: (env) => env.random.float() },
  peers: { property: 'peers', use: (env) => env.peers.owns('a') },
  'host.stats': { property: 'host', use: (env) => env.host.uname() },
  'self.metrics': { property: 'self', use: (env) => env.self.scrape() },
}

const flags = [false, true]
const cells = (Object.keys(rows) as Capability[]).flatMap((capability) =>
  flags.flatMap((declared) =>
    flags.flatMap((granted) =>
      flags.map((designated) => ({
        capability,
        declared,
        granted,
        designated,
        expected: outcome(capability, { declared, granted, designated }),
      })),
    ),
  ),
)

/** The law: nothing undeclared exists, and a power with targets reaches what is granted, or designated where it can be. */
function outcome(
  capability: Capability,
  { declared, granted, designated }: { declared: boolean; granted: boolean; designated: boolean },
): Expected {
  const { target, designates } = rows[capability]
  if (!declared) return 'absent'
  return !target || granted || (designated && designates) ? 'allowed' : 'denied'
}

test('the matrix knows every capability and every method of it has checked arguments', () => {
  expect(Object.keys(rows).toSorted()).toEqual(Object.keys(argumentSchemas).toSorted())
})

describe.each(cells)(
  '$capability, declared: $declared, granted: $granted, designated: $designated',
  ({ capability, declared, granted, designated, expected }) => {
    test(`is ${expected}`, async () => {
      directory = temporaryDirectory()
      mkdirSync(join(directory, 'granted'))
      writeFileSync(file(), 'text')
      const { property, target, use } = rows[capability]
      const named = target?.() ?? ''
      const requests = [
        { why: 'asks', values: ['*'] },
        { why: 'is told', from: 'named' },
      ]
      const { env, counters, logs } = await openEnv(declared ? { [capability]: requests } : {}, {
        trusted: false,
        dataDir: join(directory, 'data'),
        environment: { REGION: 'eu' },
        ...(granted && { grant: { [capability.replace('.', '_')]: target ? [named] : true } }),
        args: { value: designated ? { named } : {}, outputs: [], secrets: [] },
      })
      if (expected === 'absent') {
        expect(Object.hasOwn(env, property)).toBe(false)
        expect(counters[capability]).toBeUndefined()
        return
      }
      const attempt = async (): Promise<unknown> => use(env, named)
      if (expected === 'allowed') {
        await attempt()
        expect([counters[capability]!.denied, logs]).toEqual([0, []])
        return
      }
      // The second attempt is counted, but what is denied is told once.
      for (let i = 0; i < 2; i++)
        await expect(attempt()).rejects.toSatisfy((error) => isCapabilityError(error, 'denied'))
      expect(counters[capability]!.denied).toBe(2)
      expect(logs).toEqual([
        {
          level: 'warn',
          message: 'capability denied',
          fields: expect.objectContaining({ capability, reason: expect.any(String) }),
        },
      ])
    })
  },
)
