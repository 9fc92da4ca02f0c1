import { deepEqual, equal, ok } from 'node:assert/strict'
import { indexLine } from '@ingot/manifest'
import { createToken, openStorage, type StorageOptions } from '@ingot/registry-server'
import { publishTo, RegistryProcess, testModule } from '@ingot/registry-server/testing'
import { integrity } from '@ingot/trust'

export interface SameVersion {
  readonly storage: StorageOptions
  readonly publishers: number
  /** Servers, each in a process of its own, that share the storage. */
  readonly replicas: number
}

/**
 * Has many publish different bytes as one version at once: one succeeds, all others are told that it exists, and every
 * server shows the bytes that won. @throws AssertionError
 */
export async function publishSameVersion({ storage, publishers, replicas }: SameVersion): Promise<void> {
  const { meta, close } = await openStorage(storage)
  const { token } = await createToken(meta.tokens, { description: 'same version', modules: '*' })
  await close()
  const servers = await Promise.all(Array.from({ length: replicas }, () => RegistryProcess.start(storage)))
  try {
    const modules = Array.from({ length: publishers }, (_, index) => testModule({ code: `export default ${index}` }))
    const statuses = await Promise.all(
      modules.map(async (module, index) => (await publishTo(servers[index % replicas]!.url, token, module)).status),
    )
    const others = statuses.filter((status) => status !== 201)
    deepEqual([statuses.length - others.length, new Set(others)], [1, new Set([409])])
    const winner = integrity('sha512', modules[statuses.indexOf(201)]!.archive)
    const indexes = await Promise.all(
      servers.map(async ({ url }) => (await fetch(`${url}/index/@acme/redact.ndjson`)).text()),
    )
    equal(new Set(indexes).size, 1, 'all servers show the same index')
    const [, line, ...more] = indexes[0]!.trim().split('\n')
    equal(more.length, 0)
    equal(indexLine.parse(JSON.parse(line!)).integrity, winner)
    ok((await (await fetch(`${servers[0]!.url}/log/checkpoint`)).text()).startsWith('registry.test/log\n1\n'))
  } finally {
    for (const server of servers) await server.kill()
  }
}
