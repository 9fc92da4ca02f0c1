import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportRegistry } from '@ingot/registry-server'
import { testModule } from '@ingot/registry-server/testing'
import { rootFingerprint } from '@ingot/trust'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { servers } from '../servers/debian.ts'
import { GitOrigin, serveGitOverHttp } from '../servers/git.ts'
import { requireServer } from '../servers/index.ts'
import { distributionUser, temporaryFolder } from './distribution-user.ts'
import { storagePairs, StorageServers } from './storage-pairs.ts'

let stores: StorageServers
beforeAll(async () => {
  stores = await StorageServers.create(servers.postgresql.path)
})
afterAll(() => stores.stop())

/** A repository that somebody exports a registry into, and pushes. */
async function repository() {
  const storage = await stores.storage(storagePairs[0]!)
  const server = await stores.serve(storage)
  const tree = join(await temporaryFolder(), 'tree')
  const origin = GitOrigin.make()
  const publish = async (version: string) => {
    await server.publish(testModule({ version }))
    await exportRegistry(storage, tree)
    cpSync(tree, origin.path, { recursive: true })
    return origin.commitAll()
  }
  const first = await publish('1.0.0')
  const root = rootFingerprint(server.registry.keys.root)
  return { origin, publish, first, root, user: await distributionUser(root) }
}

/** Ends TLS before a server of this machine, with a certificate that git is told to believe. */
async function behindTls(url: string): Promise<string> {
  const folder = await temporaryFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'ignore' },
  )
  vi.stubEnv('GIT_SSL_CAINFO', cert)
  onTestFinished(() => void vi.unstubAllEnvs())
  const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (incoming, outgoing) => {
    const { method, headers } = incoming
    const passed = httpRequest(new URL(incoming.url!, url), { method: method!, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void (server.closeAllConnections(), server.close()))
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).pathname}`
}

test('a git repository with the files of an export is a registry, over TLS', { timeout: 60_000 }, async (context) => {
  requireServer('git', context)
  const { origin, publish, first, root, user } = await repository()
  const served = await serveGitOverHttp(origin)
  const url = `git+${await behindTls(served.url)}`
  const { lock, version } = await user.add(url)
  expect(version).toBe('1.0.0')
  await publish('1.1.0')
  expect((await user.add(url, lock)).version).toBe('1.1.0')
  const other = await distributionUser(root)
  expect((await other.add(`${url}#${first}`)).version).toBe('1.0.0')
  expect((await user.start(url, lock)).size).toBe(1)
  // The last good clone goes on when the remote is down; who has none is told.
  await served.stop()
  expect((await user.add(url)).version).toBe('1.1.0')
  await expect(user.start(url, lock)).rejects.toMatchObject({ code: 'registry-unreachable' })
})

test(
  'a repository that was rewritten is refused as any registry is that goes back',
  { timeout: 60_000 },
  async (context) => {
    requireServer('git', context)
    const { origin, publish, first, user } = await repository()
    const url = `git+file://${origin.path}`
    await publish('1.1.0')
    const { lock } = await user.add(url)
    origin.git('reset', '--quiet', '--hard', first)
    await expect(user.add(url, lock)).rejects.toMatchObject({ code: 'registry-untrusted' })
  },
)
