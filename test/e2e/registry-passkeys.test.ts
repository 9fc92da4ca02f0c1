import { createSetupLink, createUser } from '@ingot/registry-server'
import { publishTo, testModule } from '@ingot/registry-server/testing'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { browse } from './registry-site/browse.ts'
import { startSite, type Site } from './registry-site/start-site.ts'

/** Gives the browser an authenticator that verifies its holder by itself. */
async function addAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

async function signUp(page: Page, { url, registry }: Site, name: string): Promise<void> {
  const { link } = await createSetupLink(registry.meta, await createUser(registry.meta, { name, staff: true }))
  await page.goto(`${url}/set-up?link=${encodeURIComponent(link)}`)
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('button', { name: 'Begin' }).click()
}

async function addPasskey(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name of a new passkey').fill(name)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
}

describe('somebody with a passkey', { timeout: 240_000 }, () => {
  test('adds it, signs out and in by it, and approves a version', async (context) => {
    const { page, complaints } = await browse(context, { viewport: { width: 360, height: 740 } })
    const site = await startSite({ host: 'localhost' })
    await addAuthenticator(page)
    await signUp(page, site, 'ada')
    await addPasskey(page, 'Laptop')
    await page.getByText('Recovery codes, for when it is lost').waitFor()
    expect((await page.locator('#passkey-codes code').innerText()).trim().split('\n')).toHaveLength(10)
    await page.getByRole('link', { name: 'go on' }).click()
    await page.getByText('never used to sign in').waitFor()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto(`${site.url}/account`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'ada' }).waitFor()
    await page.getByText('last used').first().waitFor()

    await page.getByLabel('Name of a new scope').fill('@acme')
    await page.getByRole('button', { name: 'Make a scope' }).click()
    await page.getByRole('link', { name: '@acme', exact: true }).waitFor()
    expect((await publishTo(site.url, site.token, testModule(), {}, '?stage=1')).status).toBe(202)
    await page.getByRole('link', { name: 'Waiting versions' }).first().click()
    await page.getByRole('link', { name: '@acme/redact' }).click()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('heading', { name: '@acme/redact' }).waitFor()
    const bundle = await (await fetch(`${site.url}/m/@acme/redact/1.0.0/bundle.json`)).json()
    const { payload } = (bundle as { statement: { payload: string } }).statement
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicate: object }
    expect(predicate).toMatchObject({ trust: 1, approvals: [{ user: 'ada' }] })
    // Chromium would like to see a name beside every password.
    expect(complaints.filter((text) => !text.includes('Password forms should have'))).toEqual([])
  })

  test('uses it as the second factor, names it anew and removes it', async (context) => {
    const { page, complaints } = await browse(context, { viewport: { width: 360, height: 740 } })
    const site = await startSite({ host: 'localhost' })
    await addAuthenticator(page)
    await signUp(page, site, 'ada')
    await addPasskey(page, 'Laptop')
    await page.getByRole('link', { name: 'go on' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto(`${site.url}/sign-in`)
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('heading', { name: 'ada' }).waitFor()

    await page.getByText('Rename', { exact: true }).click()
    await page.getByLabel('New name of Laptop').fill('Old laptop')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Remove Old laptop' }).click()
    await page.getByText('None is set up.').waitFor()
    // Chromium would like to see a name beside every password.
    expect(complaints.filter((text) => !text.includes('Password forms should have'))).toEqual([])
  })

  test('is told why it cannot be used', async (context) => {
    const { page } = await browse(context)
    const site = await startSite({ host: 'localhost' })
    await addAuthenticator(page)
    await page.goto(`${site.url}/sign-in`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('No passkey was used').waitFor()
    const unnamed = await startSite()
    await signUp(page, unnamed, 'ada')
    await addPasskey(page, 'Laptop')
    await page.getByText('passkeys want the name of a host, not an address').waitFor()
  })
})
