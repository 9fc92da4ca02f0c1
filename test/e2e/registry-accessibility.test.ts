import { createSetupLink, createToken, createUser } from '@ingot/registry-server'
import { publishTo, testModule } from '@ingot/registry-server/testing'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { browse } from './registry-site/browse.ts'
import { findingsOf } from './registry-site/findings.ts'
import { startSite, type Site } from './registry-site/start-site.ts'

const tabs = ['', '/docs', '/capabilities', '/versions', '/files', '/dependencies', '/dependents', '/security']
const paths = [
  '/',
  '/search',
  '/search?q=nothing-is-like-this',
  ...tabs.map((tab) => `/@acme/redact${tab}`),
  '/@acme/redact/1.0.0',
  '/@acme/redact/report',
  '/@acme/redact/1.1.0/files/components/pii.mjs',
  '/@acme/redact/1.1.0/provenance',
  '/@acme/redact/diff/1.0.0...1.1.0',
  '/@acme',
  '/compare?module=@acme/redact&module=@acme/a-module-with-a-long-name',
  '/log',
  '/log/0',
  '/api',
  '/@acme/no-such-module',
]

const accountPaths = [
  '/sign-in',
  '/sign-in/second-factor',
  '/set-up?link=ingot_l_0',
  '/device',
  '/@acme/settings',
  '/@acme/stages',
  '/@acme/audit',
  '/@acme/webhooks',
  '/admin/webhooks',
]

/** What a stranger may try in every text that pages show. */
const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><style>*{display:none}</style>`
const readme = `# Read me\n\n${evil}\n\n[x](javascript:alert(1)) ![y](https://tracker.example/y.png)\n\n\`\`\`\n${evil}\n\`\`\`\n\n| a | b |\n|---|---|\n| ${evil} | c |\n`

async function fill({ publish }: Site): Promise<void> {
  const capabilities = { 'http.request': [{ why: evil, from: 'endpoint.url' }], exec: [{ why: 'x', values: [evil] }] }
  const component = {
    summary: evil,
    docs: readme,
    arguments: { type: 'object', properties: { [evil]: { type: evil, description: evil, default: evil } } },
  }
  await publish(testModule({ description: evil, readme }))
  await publish(
    testModule({
      version: '1.1.0',
      description: evil,
      readme,
      code: `// ${evil}`,
      component: { ...component, capabilities },
    }),
  )
  const dependencies = { '@acme/redact': '^1.0.0' } as never
  await publish(testModule({ name: '@acme/a-module-with-a-long-name', manifest: { dependencies } }))
}

const firstPaint = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0'

/** Signs somebody in who has one of everything that an account and a scope can have. */
async function signUp(page: Page, { url, registry, token }: Site): Promise<string> {
  const { meta } = registry
  const user = await createUser(meta, { name: 'ada', staff: true })
  const { link } = await createSetupLink(meta, user)
  await page.goto(`${url}/set-up?link=${encodeURIComponent(link)}`)
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByLabel('Name of a new scope').fill('@acme')
  await page.getByRole('button', { name: 'Make a scope' }).click()
  await createToken(meta.tokens, { description: 'build of redact', modules: '@acme/*', userId: user.id })
  const author = { actor: 'user:ada', token: null, ip: '' }
  for (const name of ['Laptop', 'a-key-whose-name-is-as-long-as-a-name-of-a-key-may-be-at-all']) {
    const passkey = { id: name, name, publicKey: 'AAAA', counter: 0, transports: [] }
    await meta.passkeys.add(passkey, user, author, new Date().toISOString())
  }
  // With a passkey a password alone is not enough: this session has shown one.
  const [session] = await meta.sessions.ofUser(user.id, new Date().toISOString())
  const until = new Date(Date.now() + 3_600_000).toISOString()
  await meta.sessions.showedSecondFactor(session!.id, { author, method: 'passkey' }, new Date().toISOString(), until)
  expect((await publishTo(url, token, testModule(), {}, '?stage=1')).status).toBe(202)
  const login = await fetch(`${url}/api/v1/device`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client: 'ingot on lab' }),
  })
  return ((await login.json()) as { userCode: string }).userCode
}

describe('every page of an account and of its scopes', { timeout: 120_000 }, () => {
  test.for(['light', 'dark'] as const)('can be used by everybody (%s)', async (colorScheme, context) => {
    const { page, complaints } = await browse(context, { colorScheme, viewport: { width: 360, height: 740 } })
    const site = await startSite({ host: 'localhost' })
    const code = await signUp(page, site)
    const findings: string[] = []
    const author = { actor: 'user:ada', token: null, ip: '', at: new Date().toISOString() }
    const hook = { scope: '@acme', url: 'https://127.0.0.1/', description: 'builds', secret: 'whsec_AAAA' }
    const made = await site.registry.meta.webhooks.create({ ...hook, events: ['publish'] }, author)
    const webhook = `/@acme/webhooks/${made!.id}`
    for (const path of ['/account', ...accountPaths, webhook, `/device?code=${code}`]) {
      await page.goto(`${site.url}${path}`)
      for (const summary of await page.locator('main summary').all()) await summary.click()
      findings.push(...(await findingsOf(page)))
      const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      if (wider !== 0) findings.push(`${path}: ${String(wider)} px wider than the screen`)
      const titles = await page.locator('h1').count()
      if (titles !== 1) findings.push(`${path}: ${titles} main titles`)
    }
    expect(findings).toEqual([])
    // Chromium would like to see a name beside every password.
    expect(complaints.filter((text) => !text.includes('Password forms should have'))).toEqual([])
  })
})

describe('every page of a registry', { timeout: 120_000 }, () => {
  test.for(['light', 'dark'] as const)(
    'can be used by everybody, and runs nothing of a stranger (%s)',
    async (colorScheme, context) => {
      const { page, complaints } = await browse(context, { colorScheme, viewport: { width: 360, height: 740 } })
      const site = await startSite()
      await fill(site)
      const [paints, findings]: [number[], string[]] = [[], []]
      for (const path of paths) {
        await page.goto(`${site.url}${path}`)
        findings.push(...(await findingsOf(page)))
        const foreign = await page.locator('main script, main style, main iframe, main img').count()
        if (foreign !== 0) findings.push(`${path}: ${foreign} elements that no page has`)
        const titles = await page.locator('h1').count()
        if (titles !== 1) findings.push(`${path}: ${titles} main titles`)
        paints.push(Number(await page.evaluate(firstPaint)))
      }
      expect(findings).toEqual([])
      // The page of what is not there says so with its status, and the browser writes that down.
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
      const sorted = [...paints].sort((a, b) => a - b)
      console.log(
        `first contentful paint: median ${sorted[sorted.length >> 1]!.toFixed(0)} ms, at most ${sorted.at(-1)!.toFixed(0)} ms`,
      )
    },
  )
})
