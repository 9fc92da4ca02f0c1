import { createServer, createToken, openRegistry } from '@ingot/registry-server'
import { packModule, publishModule } from '@ingot/loader'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { browse } from './registry-site/browse.ts'

const packages = Object.fromEntries(
  ['@ingot/sdk', 'zod'].map((name) => [name, fileURLToPath(import.meta.resolve(name))]),
)

const component = `import { block, defineComponent, duration, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'mask',
  stability: 'experimental',
  summary: 'Masks what must not be seen.',
  arguments: z.strictObject({
    every: duration().prefault('5s').describe('Time between two looks at the list.'),
    forward_to: receivers('loki.logs').describe('Where entries go.'),
    list: block(z.strictObject({ url: z.string().describe('Where the list is.') })).optional().describe('A list of words.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  capabilities: { 'http.request': [{ why: 'Fetches the list.', from: 'list.url' }] },
  run() {},
})
`

/** A registry with one module, and its address. */
async function registryWithModule(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-pages-'))
  const registry = await openRegistry({ dataDir: join(dir, 'registry'), url: 'http://registry.test' })
  const app = createServer(registry)
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await rm(dir, { recursive: true, force: true })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  await mkdir(join(dir, 'module/mask'), { recursive: true })
  await writeFile(join(dir, 'module/mask/component.ts'), component)
  await writeFile(
    join(dir, 'module/README.md'),
    '# Mask\n\nHides **words**.\n<script>document.title = "taken"</script>\n',
  )
  await writeFile(
    join(dir, 'module/module.ts'),
    `export default { name: '@acme/mask', version: '1.0.0', description: 'Hides words.', license: 'MIT', components: ['mask'] }`,
  )
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '*' })
  await publishModule(await packModule(join(dir, 'module'), { packages }), { registryUrl: url, token })
  return url
}

describe('the pages of a registry', { timeout: 60_000 }, () => {
  test('lead from a search to what a module takes, gives and may do', async (context) => {
    const { page, complaints } = await browse(context)
    await page.goto(await registryWithModule())
    await page.keyboard.press('/')
    await page.keyboard.type('words')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: '@acme/mask' }).click()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('@acme/mask')
    expect(await page.locator('.snippet code').innerText()).toContain('module  = "@acme/mask"')
    expect(await page.locator('#readme strong').innerText()).toBe('words')
    expect(await page.title()).toBe('@acme/mask 1.0.0 · Ingot registry')
    await page.getByRole('link', { name: 'Docs' }).click()
    expect(await page.getByRole('row', { name: /^every duration "5s"/ }).count()).toBe(1)
    expect(await page.getByRole('row', { name: /^forward_to list\(receiver of loki\.logs\) required/ }).count()).toBe(1)
    await page.getByRole('link', { name: 'Capabilities' }).click()
    expect(await page.getByText('Sends HTTP requests to what the argument "list.url" names').count()).toBe(1)
    expect(complaints).toEqual([])
  })

  test('work without JavaScript', async (context) => {
    const { page } = await browse(context, { javaScriptEnabled: false })
    await page.goto(await registryWithModule())
    await page.getByRole('searchbox').fill('mask')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: '@acme/mask' }).click()
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Docs' }).click()
    expect(await page.locator('#mask').isVisible()).toBe(true)
  })

  test.for(['light', 'dark'] as const)('are readable in the %s, on a phone too', async (colorScheme, context) => {
    const { page } = await browse(context, { colorScheme, viewport: { width: 390, height: 800 } })
    await page.goto(`${await registryWithModule()}/@acme/mask`)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    const [ground, ink] = (await page.evaluate(
      "['backgroundColor', 'color'].map((name) => getComputedStyle(document.body)[name].match(/\\d+/g).map(Number))",
    )) as [number[], number[]]
    expect(contrast(ground, ink)).toBeGreaterThan(7)
    expect(ground[0]! > 128).toBe(colorScheme === 'light')
  })
})

/** WCAG 2 contrast ratio of two colours. */
function contrast(a: readonly number[], b: readonly number[]): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high! + 0.05) / (low! + 0.05)
}

function luminance(color: readonly number[]): number {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
