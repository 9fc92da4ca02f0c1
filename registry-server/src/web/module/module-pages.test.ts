import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { operatorToken, signIn } from '../../testing/sign-in.ts'
import { publishTo } from '../../testing/publish-to.ts'
import { testModule } from '../../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../../testing/test-registry.ts'

async function text(registry: TestRegistry, path: string): Promise<string> {
  const response = await registry.get(path, { accept: 'text/html' })
  expect([path, response.status]).toEqual([path, 200])
  return response.text()
}

test('a module shows its downloads, in a badge too, and the home page what is used most', async () => {
  const registry = await startRegistry()
  const { authorization } = await operatorToken(registry.registry, ['publish'], '*')
  for (const name of ['@acme/redact', '@acme/geo', '@closed/secret'])
    await publishTo(registry.url, '', testModule({ name }), { authorization })
  await signIn(registry.registry, { name: 'ann', roles: { '@closed': 'owner' } })
  const { meta } = registry.registry
  await meta.database.write((transaction) =>
    transaction.updateTable('scopes').set({ visibility: 'private' }).where('name', '=', '@closed').execute(),
  )
  expect(await text(registry, '/@acme/geo')).not.toContain('class="sparkline"')
  const hour = (daysAgo: number) => new Date(Date.now() - daysAgo * 24 * 3_600_000).toISOString().slice(0, 13)
  const counted = { class: 'direct' as const }
  await meta.downloads.add([
    { ...counted, logIndex: 0, hour: hour(0), count: 1_500 },
    { ...counted, logIndex: 0, hour: hour(3), count: 40 },
    { ...counted, logIndex: 0, hour: hour(40), count: 7_000 },
    { ...counted, logIndex: 1, hour: hour(1), count: 2_000 },
    { ...counted, logIndex: 2, hour: hour(1), count: 9_000 },
  ])
  // Hours of before the day before yesterday are kept as days.
  await meta.downloads.rollUp(new Date())
  const page = await text(registry, '/@acme/redact')
  expect(page).toMatch(/>1,540<\/strong>\s*<span class="small faint">in 30 days/)
  expect(page).toMatch(/class="sparkline"[^>]*aria-label="Downloads of each of the last 30 days: from 0 to 1500"/)
  const badge = await registry.get('/badges/@acme/redact/downloads.svg')
  expect([badge.headers.get('content-type'), (await badge.text()).includes('1.5K a month')]).toEqual([
    'image/svg+xml; charset=utf-8',
    true,
  ])
  expect((await registry.get('/badges/@acme/none/downloads.svg')).status).toBe(404)
  expect(await meta.downloads.mostUsed(hour(30).slice(0, 10), 5)).toEqual([
    { name: '@acme/geo', count: 2_000 },
    { name: '@acme/redact', count: 1_540 },
  ])
  const home = await text(registry, '/')
  expect(home).toMatch(/Most used[^]*@acme\/geo[^]*2,000 downloads in 30 days[^]*@acme\/redact/)
  expect(home).not.toContain('@closed')
})

test('an advisory stands on each page of the versions that it is about', async () => {
  const registry = await startRegistry()
  const ann = await signIn(registry.registry, { name: 'ann', roles: { '@acme': 'owner' } })
  for (const version of ['1.0.0', '1.1.0']) await registry.publish(testModule({ version }))
  const told = await fetch(`${registry.url}/api/v1/scopes/@acme/advisories`, {
    method: 'POST',
    headers: { ...ann, 'content-type': 'application/json' },
    body: JSON.stringify({
      summary: 'It leaks <card> numbers.',
      affected: [{ module: '@acme/redact', events: [{ introduced: '0' }, { fixed: '1.1.0' }] }],
    }),
  })
  expect(told.status).toBe(201)
  for (const tab of ['', '/docs', '/files']) {
    const page = await text(registry, `/@acme/redact/1.0.0${tab}`)
    expect(page).toMatch(/role="alert">\s*<strong>It leaks &lt;card&gt; numbers\.<\/strong> It is mended in 1\.1\.0\./)
    expect(await text(registry, `/@acme/redact/1.1.0${tab}`)).not.toContain('role="alert"')
  }
  const mended = await text(registry, '/@acme/redact/security')
  expect(mended).toMatch(/Advisories[^]*It leaks[^]*This version is not concerned/)
})

test('functions are documented beside components', async () => {
  const registry = await startRegistry()
  const code = 'export default []'
  const described = {
    name: 'seconds',
    stability: 'experimental' as const,
    summary: 'Seconds of a text.',
    parameters: [
      { name: 'text', schema: { type: 'string', description: 'Such as `5m`.' }, optional: false },
      { name: 'rounded', schema: { type: 'boolean' }, optional: true },
    ],
    variadic: false,
    result: { type: 'number' },
    examples: [{ args: ['5m'], result: 300 }],
    entry: 'functions.mjs',
    sha256: createHash('sha256').update(code).digest('hex'),
  }
  const module = testModule({
    manifest: { functions: [described] } as never,
    extra: [{ path: 'functions.mjs', content: code }],
  })
  expect((await registry.publish(module)).status).toBe(201)
  const docs = await text(registry, '/@acme/redact/docs')
  expect(docs).toContain('<code>redact.seconds(text: string, rounded?: bool): number</code>')
  expect(docs).toMatch(/<code>text: string<\/code>\s*: Such as <code>5m<\/code>/)
  expect(docs).toMatch(/redact\.seconds\(&quot;5m&quot;\) →\s*300/)
  expect(docs).toContain('href="#seconds"')
  expect(await text(registry, '/@acme/redact')).toContain('href="/@acme/redact/docs#seconds"')
})

test('code in a README has the colours of files, and nothing else of it is markup', async () => {
  const registry = await startRegistry()
  const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\`\n\n`
  const evil = '"</code></pre><script>alert(1)</script><span class="hljs-x" onclick="x()">'
  const readme = [
    fence('alloy', `// first\na.b "c" {\n\tx = ${evil}\n}`),
    fence('json', `{"a": ${evil}}`),
    fence('cobol', evil),
    fence('', evil),
    '<span class="hljs-keyword banner">taken</span>',
  ].join('')
  await registry.publish(testModule({ readme }))
  const page = await text(registry, '/@acme/redact')
  expect(page).toContain('<span class="hljs-comment">// first</span>')
  expect(page).toContain('<span class="hljs-attr">"a"</span>')
  expect([...page.matchAll(/<script\b[^>]*>/g)]).toHaveLength(1)
  expect(page).not.toMatch(/<[^>]*onclick|class="[^"]*banner[^"]*">taken/)
})

test('pages name the feeds of what they are about', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  for (const [path, feed] of Object.entries({
    '/': '/feeds/all.atom',
    '/@acme': '/feeds/@acme.atom',
    '/@acme/redact/docs': '/feeds/@acme/redact.atom',
  })) {
    const link = /<link\s+rel="alternate"\s+type="application\/atom\+xml"[^>]*href="([^"]+)"/.exec(
      await text(registry, path),
    )
    expect(link?.[1]).toBe(feed)
    expect((await registry.get(feed)).headers.get('content-type')).toContain('application/atom+xml')
  }
})
