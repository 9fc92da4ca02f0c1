import { Resolver as NameServers } from 'node:dns/promises'
import { problemDocument, proofDescription, scopeDescription, type ProofDescription } from '@ingot/manifest'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Resolver } from '../outbound/public-address.ts'
import type { TestBrowser } from '../testing/browser.ts'
import { HttpsServer } from '../testing/https-server.ts'
import { NameServer } from '../testing/name-server.ts'
import { signIn } from '../testing/sign-in.ts'
import { signedUp } from '../testing/signed-up.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'
import type { ProofOptions } from './look-for-proof.ts'

const path = '/api/v1/scopes/@acme/proofs'
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** What follows from an event is done within seconds, on a busy machine too. */
const patience = { timeout: 20_000, interval: 100 }

interface Started {
  readonly registry: TestRegistry
  readonly ada: TestBrowser
  readonly names: NameServer
  /** Moves the registry's clock. */
  wait(ms: number): void
}

async function start(options: (names: NameServer) => ProofOptions = () => ({})): Promise<Started> {
  const names = await NameServer.start()
  onTestFinished(() => names.stop())
  let aheadMs = 0
  const clock = (): Date => new Date(Date.now() + aheadMs)
  const registry = await startRegistry({ proofs: { nameServers: [names.address], ...options(names) }, clock })
  const ada = await signedUp(registry, 'ada')
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  return { registry, ada, names, wait: (ms) => void (aheadMs += ms) }
}

async function claim({ ada }: Started, kind: string, value: string): Promise<ProofDescription> {
  return proofDescription.parse(await ada.json(201, 'POST', path, { kind, value }))
}

async function check({ ada }: Started, { id }: ProofDescription): Promise<ProofDescription> {
  return proofDescription.parse(await ada.json(200, 'POST', `${path}/${id}/check`))
}

/** What everybody is shown. */
async function shown({ registry }: Started) {
  return scopeDescription.parse(await (await registry.get('/api/v1/scopes/@acme')).json()).proofs
}

async function events({ registry }: Started): Promise<string[]> {
  const found = await registry.registry.meta.log.events(0, 100)
  return found
    .filter(({ type }) => type === 'proof')
    .map(({ leaf }) => {
      const { change, by } = JSON.parse(leaf) as { change: { state: string; value: string }; by: string[] }
      return `${change.state} ${change.value} by ${by[0]}`
    })
}

describe('a domain', () => {
  test('is proven by a TXT record of its own, and everybody is shown since when', async () => {
    const started = await start()
    const proof = await claim(started, 'dns', 'ACME.example.')
    expect(proof).toMatchObject({ value: 'acme.example', state: 'pending', where: 'TXT record of _ingot.acme.example' })
    expect(await claim(started, 'dns', 'acme.example')).toEqual(proof)
    expect(await check(started, proof)).toMatchObject({
      state: 'pending',
      problem: 'found no TXT record of _ingot.acme.example',
    })
    expect(await shown(started)).toEqual([])
    started.names.setTexts('_ingot.acme.example', 'v=spf1 -all', proof.text)
    const verified = await check(started, proof)
    expect(verified).toMatchObject({ state: 'verified', problem: null })
    expect(await shown(started)).toEqual([
      { kind: 'dns', value: 'acme.example', verifiedAt: verified.verifiedAt, failingSince: null },
    ])
    expect(await events(started)).toEqual(['verified acme.example by user:ada'])
  })

  test('is not proven by what proves it for another scope', async () => {
    const started = await start()
    const { ada, names } = started
    await ada.json(201, 'POST', '/api/v1/scopes', { name: '@other' })
    const others = await ada.json<ProofDescription>(201, 'POST', '/api/v1/scopes/@other/proofs', {
      kind: 'dns',
      value: 'acme.example',
    })
    names.setTexts('_ingot.acme.example', others.text, others.text.replace('@other', '@acme'))
    const proof = await claim(started, 'dns', 'acme.example')
    expect(await check(started, proof)).toMatchObject({
      state: 'pending',
      problem: 'found 2 TXT record(s) of _ingot.acme.example, and none is the one that is wanted',
    })
  })

  test('that is found no more counts for a week, and then is lost; found again it is proven anew', async () => {
    const started = await start()
    const { registry, names, wait } = started
    const proof = await claim(started, 'dns', 'acme.example')
    names.setTexts('_ingot.acme.example', proof.text)
    await check(started, proof)
    const { proofs } = registry.registry
    expect(await proofs.checkDue()).toBe(0)
    wait(dayMs + 1)
    expect(await proofs.checkDue()).toBe(1)
    expect(await shown(started)).toMatchObject([{ failingSince: null }])
    names.setTexts('_ingot.acme.example')
    wait(dayMs + 1)
    expect(await proofs.checkDue()).toBe(1)
    const [failing] = await shown(started)
    expect(failing!.failingSince).not.toBeNull()
    wait(6 * dayMs)
    await proofs.checkDue()
    expect(await shown(started)).toMatchObject([{ failingSince: failing!.failingSince }])
    wait(dayMs)
    await proofs.checkDue()
    expect(await shown(started)).toEqual([])
    expect(await check(started, proof)).toMatchObject({ state: 'lost' })
    wait(30 * dayMs)
    expect(await proofs.checkDue()).toBe(0)
    names.setTexts('_ingot.acme.example', proof.text)
    expect(await check(started, proof)).toMatchObject({ state: 'verified', lostAt: null })
    expect(await events(started)).toEqual([
      'verified acme.example by user:ada',
      'lost acme.example by registry',
      'verified acme.example by user:ada',
    ])
  })

  test('that comes back within the week was never lost', async () => {
    const started = await start()
    const { registry, names, wait } = started
    const proof = await claim(started, 'dns', 'acme.example')
    names.setTexts('_ingot.acme.example', proof.text)
    const { verifiedAt } = await check(started, proof)
    names.setTexts('_ingot.acme.example')
    wait(dayMs + 1)
    await registry.registry.proofs.checkDue()
    names.setTexts('_ingot.acme.example', proof.text)
    wait(hourMs + 1)
    await registry.registry.proofs.checkDue()
    expect(await shown(started)).toEqual([{ kind: 'dns', value: 'acme.example', verifiedAt, failingSince: null }])
    expect(await events(started)).toHaveLength(1)
  })

  test('that is proven, or is lost, is told to webhooks that have asked for it', { timeout: 30_000 }, async () => {
    const started = await start()
    const { registry, names } = started
    const owner = await signIn(registry.registry, { name: 'owner', roles: { '@other': 'owner' } })
    const send = (path: string, body: object) =>
      fetch(`${registry.url}/api/v1/scopes/@other/${path}`, {
        method: 'POST',
        headers: { ...owner, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await send('webhooks', { url: 'https://hooks.invalid/', events: ['proof'] })).status).toBe(201)
    const claimed = await send('proofs', { kind: 'dns', value: 'other.example' })
    const { id, text } = proofDescription.parse(await claimed.json())
    names.setTexts('_ingot.other.example', text)
    expect((await send(`proofs/${id}/check`, {})).status).toBe(200)
    await vi.waitFor(async () => {
      const rows = await registry.registry.meta.database.read.selectFrom('webhook_deliveries').selectAll().execute()
      const told = rows.filter(({ type }) => type === 'proof').map(({ body }) => JSON.parse(body) as object)
      expect(told).toMatchObject([{ data: { kind: 'dns', value: 'other.example', state: 'verified' } }])
    }, patience)
  })

  test('that is taken back is shown no more, and the log says so', async () => {
    const started = await start()
    const proof = await claim(started, 'dns', 'acme.example')
    started.names.setTexts('_ingot.acme.example', proof.text)
    await check(started, proof)
    await started.ada.json(204, 'DELETE', `${path}/${proof.id}`)
    expect([await shown(started), (await events(started)).at(-1)]).toEqual([[], 'removed acme.example by user:ada'])
    expect((await started.ada.send('POST', `${path}/${proof.id}/check`)).status).toBe(404)
  })
})

describe('a repository', () => {
  const host = 'forge.test'
  const resolverAt = (names: NameServer): Resolver => {
    const servers = new NameServers()
    servers.setServers([names.address])
    return async (name) => (await servers.resolve4(name)).map((address) => ({ address, family: 4 as const }))
  }

  /** A forge, and a registry that may reach it or not. */
  async function withForge(files: Map<string, string>, { allowPrivate }: { allowPrivate: boolean }) {
    const forge = await HttpsServer.start(host, (request, response) => {
      const text = files.get(request.url ?? '')
      if (text?.startsWith('https:')) response.writeHead(302, { location: text }).end()
      else response.writeHead(text === undefined ? 404 : 200).end(text)
    })
    onTestFinished(() => forge.stop())
    const started = await start((names) => ({ resolve: resolverAt(names), ca: forge.ca, allowPrivate }))
    started.names.setAddresses(host, '127.0.0.1')
    return { forge, started, url: `https://${host}:${forge.port}/acme/redact` }
  }

  test('is proven by a line of a file in its default branch', async () => {
    const files = new Map<string, string>()
    const { forge, started, url } = await withForge(files, { allowPrivate: true })
    const proof = await claim(started, 'repository', `${url}.git`)
    expect(proof).toMatchObject({
      value: url,
      where: `line of .well-known/ingot-scope.txt in the default branch of ${url}`,
    })
    expect((await check(started, proof)).problem).toContain('found no file')
    files.set('/acme/redact/raw/HEAD/.well-known/ingot-scope.txt', `# ours\r\n${proof.text}\r\n`)
    expect(await check(started, proof)).toMatchObject({ state: 'verified', problem: null })
    expect(forge.requests).toContain('/acme/redact/-/raw/HEAD/.well-known/ingot-scope.txt')
  })

  test.each([
    ['is somewhere in a longer line', (text: string) => `${text}0`, 'lacks the line'],
    ['lies where the file leads', () => 'https://evil.test/file', 'found status 302, want 200'],
    ['is behind more than is read', (text: string) => `${'#'.repeat(2 ** 17)}\n${text}`, 'more than 65536 bytes'],
  ])('is not proven by a line that %s', async (_, content, problem) => {
    const files = new Map<string, string>()
    const { started, url } = await withForge(files, { allowPrivate: true })
    const proof = await claim(started, 'repository', url)
    files.set('/acme/redact/raw/HEAD/.well-known/ingot-scope.txt', content(proof.text))
    const checked = await check(started, proof)
    expect([checked.state, checked.problem]).toEqual(['pending', expect.stringContaining(problem)])
  })

  test('of a server whose certificate is not for it is not asked', async () => {
    const { started, forge } = await withForge(new Map(), { allowPrivate: true })
    started.names.setAddresses('other.test', '127.0.0.1')
    const proof = await claim(started, 'repository', `https://other.test:${forge.port}/acme/redact`)
    expect((await check(started, proof)).problem).toContain('does not match certificate')
    expect(forge.requests).toEqual([])
  })

  test.each([
    [['127.0.0.1']],
    [['10.1.2.3']],
    [['169.254.169.254']],
    [['100.64.0.1']],
    [['0.0.0.0']],
    [['93.184.216.34', '127.0.0.1']],
  ])('at %s is never reached: it would be a way into the operator’s network', async (addresses) => {
    const { started, forge } = await withForge(new Map(), { allowPrivate: false })
    started.names.setAddresses(host, ...addresses)
    const proof = await claim(started, 'repository', `https://${host}:${forge.port}/acme/redact`)
    expect((await check(started, proof)).problem).toContain('want an address of the public internet')
    expect(forge.requests).toEqual([])
  })

  test.each(['https://127.0.0.1/acme/redact', 'https://[::1]/acme/redact', 'https://[::ffff:10.0.0.1]/acme/redact'])(
    'at the literal address %s is not reached either',
    async (url) => {
      const started = await start()
      expect((await check(started, await claim(started, 'repository', url))).problem).toContain('public internet')
    },
  )

  test('whose name leads elsewhere a moment later is still asked at the address that was looked at', async () => {
    const looked: string[] = []
    const forge = await HttpsServer.start(host, (_request, response) => void response.writeHead(404).end())
    onTestFinished(() => forge.stop())
    const started = await start(() => ({
      allowPrivate: true,
      ca: forge.ca,
      resolve: async (name) => {
        looked.push(name)
        return [{ address: looked.length <= 2 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
      },
    }))
    const proof = await claim(started, 'repository', `https://${host}:${forge.port}/acme/redact`)
    await check(started, proof)
    // Once for each request, and never again when it connects.
    expect([looked.length, forge.requests.length]).toEqual([2, 2])
  })
})

test.each([
  ['dns', 'acme'],
  ['dns', '127.0.0.1'],
  ['dns', 'acme.example/x'],
  ['dns', '_ingot.acme.example'],
  ['repository', 'http://github.com/acme/redact'],
  ['repository', 'https://github.com/acme'],
  ['repository', 'https://me:secret@github.com/acme/redact'],
  ['repository', 'https://github.com/acme/redact?ref=evil'],
  ['repository', 'https://github.com/acme/../../redact/x%0d'],
])('what cannot be proven is refused: %s %s', async (kind, value) => {
  const { ada } = await start()
  const answer = await ada.send('POST', path, { kind, value })
  expect([answer.status, problemDocument.parse(await answer.json()).code]).toEqual([400, 'request_invalid'])
})

test('a scope has a bounded number of proofs', async () => {
  const started = await start()
  for (let at = 0; at < 20; at++) await claim(started, 'dns', `a${at}.example`)
  const answer = await started.ada.send('POST', path, { kind: 'dns', value: 'one-more.example' })
  expect([answer.status, problemDocument.parse(await answer.json()).code]).toEqual([409, 'quota'])
})
