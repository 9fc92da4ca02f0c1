import { packModule, publishModule } from '@ingot/loader'
import { createSetupLink, createUser } from '@ingot/registry-server'
import { publishTo, testModule, totpCode } from '@ingot/registry-server/testing'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { browse } from './registry-site/browse.ts'
import { startSite, type Site } from './registry-site/start-site.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const phone = { viewport: { width: 360, height: 740 } }
/** What each step of the check in the browser came to. */
const outcomes = "[...document.querySelectorAll('.proof ol li')].map((item) => item.className)"
const totpStepMs = 30_000

/** Signs a new user up by the link that they were sent, and sets a second factor up. */
async function signUp(page: Page, { url, registry }: Site): Promise<void> {
  const user = await createUser(registry.meta, { name: 'ada' })
  const { link } = await createSetupLink(registry.meta, user)
  await page.goto(`${url}/set-up?link=${encodeURIComponent(link)}`)
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByRole('button', { name: 'Set up an authenticator' }).click()
  const secret = (await page.locator('.mono.path').first().innerText()).trim()
  await page.getByLabel('Code').fill(totpCode(secret, Math.floor(Date.now() / totpStepMs)))
  await page.getByRole('button', { name: 'Set it up' }).click()
  await page.getByText('Recovery codes, for when the authenticator is lost').waitFor()
}

describe('a visitor of a registry', { timeout: 240_000 }, () => {
  test('searches, copies what a module page shows, and runs it', async (context) => {
    const { page, complaints } = await browse(context, { permissions: ['clipboard-read', 'clipboard-write'], ...phone })
    const site = await startSite()
    const redact = await packModule(join(root, 'examples/modules/redact'))
    await publishModule(redact, { registryUrl: site.url, token: site.token })
    await site.publish(testModule({ name: '@acme/geo', description: 'Adds places.' }))
    await page.goto(site.url)
    await page.keyboard.press('/')
    await page.keyboard.type('redact')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: '@acme/redact' }).click()
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const snippet = String(await page.evaluate('navigator.clipboard.readText()'))
    expect(complaints).toEqual([])

    // The module is younger than what is chosen by default: its user says that this is meant.
    const imported = snippet.replace('scopes =', 'min_release_age = "0s"\n  scopes =')
    const config = `${imported}\nredact.pii "cards" {\n  forward_to = []\n}\n`
    const path = join(site.dir, 'config.alloy')
    await writeFile(path, config)
    const cli = join(root, 'cli/src/main.ts')
    await promisify(execFile)(process.execPath, [cli, 'module', 'add', '@acme/redact@^1.0.0', '--config', path])
    const collector = await Collector.start({ config, dir: site.dir })
    onTestFinished(() => collector.process.stop())
    const { components } = await collector.live()
    expect(components.map(({ id, health }) => [id, health])).toEqual([['redact.pii.cards', 'healthy']])
  })

  test('checks in the browser what the provenance page says, and sees when it is not so', async (context) => {
    const { page, complaints } = await browse(context)
    const site = await startSite()
    for (const version of ['1.0.0', '1.0.1', '1.0.2']) await site.publish(testModule({ version }))
    const results = async (): Promise<string[]> => {
      await page.goto(`${site.url}/@acme/redact/1.0.1/provenance`)
      await page.getByRole('button', { name: 'Check in this browser' }).click()
      await page.locator('.proof ol li').nth(4).waitFor()
      return (await page.evaluate(outcomes)) as string[]
    }
    expect(await results()).toEqual(['good', 'good', 'good', 'good', 'good'])
    expect(complaints).toEqual([])
    await page.route('**/blobs/**', (route) => route.fulfill({ body: 'other bytes' }))
    expect(await results()).toEqual(['good', 'good', 'bad', 'good', 'good'])
    await page.route('**/bundle.json', async (route) => {
      const bundle = (await (await route.fetch()).json()) as { inclusion: { index: number } }
      await route.fulfill({ json: { ...bundle, inclusion: { ...bundle.inclusion, index: 0 } } })
    })
    expect((await results())[3]).toBe('bad')
  })

  test('compares two versions, without JavaScript', async (context) => {
    const { page } = await browse(context, { javaScriptEnabled: false, ...phone })
    const site = await startSite()
    await site.publish(testModule())
    const capabilities = { exec: [{ why: 'Runs it.', values: ['/bin/true'] }] }
    await site.publish(testModule({ version: '1.1.0', component: { capabilities } }))
    await page.goto(`${site.url}/@acme/redact/versions`)
    await page.getByRole('button', { name: 'Show what changed' }).click()
    expect(new URL(page.url()).pathname).toBe('/@acme/redact/diff/1.0.0...1.1.0')
    expect(await page.getByText('+ exec /bin/true').count()).toBe(1)
  })
})

describe('a member of a scope', { timeout: 120_000 }, () => {
  test.for([true, false])(
    'signs in, publishes, approves, sees the version and yanks it (JavaScript: %s)',
    async (javaScriptEnabled, context) => {
      const { page, complaints } = await browse(context, { javaScriptEnabled, ...phone })
      const site = await startSite()
      await signUp(page, site)
      await page.goto(`${site.url}/account`)
      await page.getByLabel('Name of a new scope').fill('@ada-labs')
      await page.getByRole('button', { name: 'Make a scope' }).click()
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByLabel('Approvals before a version is public').fill('1')
      await page.getByRole('button', { name: 'Save the rules' }).click()
      await page.goto(`${site.url}/account`)
      await page.getByText('Make a token').click()
      await page.getByLabel('What it is for').fill('build')
      await page.getByLabel('For modules').fill('@ada-labs/*')
      await page.getByLabel('publish').check()
      await page.getByRole('button', { name: 'Make it' }).click()
      const token = (await page.locator('.banner code').first().innerText()).trim()

      const staged = await publishTo(site.url, token, testModule({ name: '@ada-labs/mask' }))
      expect(staged.status).toBe(202)
      await page.goto(`${site.url}/account`)
      await page.getByRole('link', { name: 'Waiting versions' }).click()
      await page.getByRole('link', { name: '@ada-labs/mask' }).click()
      await page.getByRole('button', { name: 'Approve' }).click()
      await page.getByRole('link', { name: '1.0.0', exact: true }).click()
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('@ada-labs/mask')

      await page.getByRole('link', { name: 'Security' }).click()
      await page.getByRole('link', { name: 'withdraw this version' }).click()
      await page.getByLabel('Reason').fill('It masks too little.')
      await page.getByRole('button', { name: 'Yank it' }).click()
      await page.getByText('This version has been withdrawn').waitFor()
      expect(await page.getByText('Reason: It masks too little.').count()).toBe(1)
      await page.goto(`${site.url}/account`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.goto(`${site.url}/account`)
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in')
      // Chromium would like to see a name beside every password.
      expect(complaints.filter((text) => !text.includes('Password forms should have'))).toEqual([])
    },
  )
})
