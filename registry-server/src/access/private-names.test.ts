import { decodeEntries } from '@ingot/trust'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AskedRegistry } from '../testing/authorization/asked-registry.ts'
import { scopeNames, type CallerName } from '../testing/authorization/callers.ts'

let registry: AskedRegistry
beforeAll(async () => {
  registry = await AskedRegistry.start()
}, 60_000)
afterAll(() => registry.close())

const [open, closed] = [scopeNames.public, scopeNames.private].map((scope) => scope.slice(1)) as [string, string]

/** What tells of many modules, or of others than the one asked for. */
const lists = [
  '/',
  '/search?q=redact',
  '/search?q=',
  '/api/v1/search?q=redact',
  '/api/v1/search?q=@redact',
  '/feeds/all.atom',
  '/feeds/capability-increase.atom',
  '/api/v1/events?after=0',
  '/log',
  '/log/checkpoint',
  '/advisories/all.ndjson',
  '/sitemap.xml',
  '/api/v1/scopes',
  '/account',
  `/@${open}`,
  `/feeds/@${open}.atom`,
  `/@${open}/redact`,
  `/@${open}/redact/dependents`,
  `/@${open}/redact/dependencies`,
  `/@${open}/redact/security`,
  `/@${open}/redact/diff/1.0.0...1.1.0`,
  `/advisories/@${open}/redact.json`,
  `/api/v1/modules/@${open}/redact/downloads`,
  `/compat/renovate/@${open}/redact.json`,
]
/** Lists that are one for all: members do not find what is private there either. */
const forEverybody = ['/', '/advisories/all.ndjson', '/sitemap.xml']

async function text(url: string, as: CallerName): Promise<string> {
  return (await registry.ask({ method: 'GET', url }, as)).body
}

describe('the name of what is private', () => {
  const blind: CallerName[] = ['anonymous', 'stranger', 'token of another scope', 'token yank', 'token that has ended']
  test.each(blind)('shows in no list to %s', async (as) => {
    for (const url of lists) expect(await text(url, as), `${url} as ${as}`).not.toContain(closed)
  })

  test.each(forEverybody)('shows to nobody in %s, which is one for all', async (url) => {
    for (const { name } of registry.callers) expect(await text(url, name), `${url} as ${name}`).not.toContain(closed)
    if (url !== '/') expect(await text(url, 'anonymous')).toContain(open)
  })

  test('shows to members, and what is public to everybody', async () => {
    const shown = ['/search?q=redact', '/api/v1/search?q=redact', '/feeds/all.atom', '/api/v1/events?after=0', '/log']
    for (const url of shown) {
      expect(await text(url, 'reader'), url).toContain(`@${closed}/redact`)
      expect(await text(url, 'anonymous'), url).toContain(`@${open}/redact`)
    }
  })

  test('is in no leaf of the log, though the leaves are there', async () => {
    const { size } = JSON.parse(await text('/api/v1/log/proof?leaf=0', 'anonymous')) as { size: number }
    const path = `/log/tile/entries/000.p/${size}`
    const { rawPayload } = await registry.ask({ method: 'GET', url: path }, 'anonymous')
    const leaves = decodeEntries({ level: 'entries', index: 0, width: size }, rawPayload).map((leaf) =>
      Buffer.from(leaf).toString(),
    )
    expect(leaves.filter((leaf) => leaf.includes(closed))).toEqual([])
    expect(leaves.filter((leaf) => leaf.includes(open)).length).toBeGreaterThan(2)
    expect(leaves.filter((leaf) => leaf.includes('urn:ingot:private:v1')).length).toBeGreaterThan(2)
  })

  test('is left out of events without a gap in their numbers', async () => {
    const { events } = JSON.parse(await text('/api/v1/events?after=0', 'anonymous')) as {
      events: { seq: number; type: string; subject: string | null }[]
    }
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
    const hidden = events.filter(({ subject }) => subject === null)
    expect(hidden.length).toBeGreaterThan(2)
    expect(new Set(hidden.map(({ type }) => type))).toEqual(new Set(['private']))
  })
})
