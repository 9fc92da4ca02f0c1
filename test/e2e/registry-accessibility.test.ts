import { testModule } from '@ingot/registry-server/testing'
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
