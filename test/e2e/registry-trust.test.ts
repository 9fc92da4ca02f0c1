/** The settings of a scope about whom others may believe: as an owner uses them, without scripts and with a reader of screens. */
import { NameServer, signedUp, testModule, type TestBrowser } from '@ingot/registry-server/testing'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { browse } from './registry-site/browse.ts'
import { findingsOf } from './registry-site/findings.ts'
import { startSite, type Site } from './registry-site/start-site.ts'

const issuer = 'https://token.actions.githubusercontent.com'
const claims = {
  repository: 'acme/redact',
  repository_id: '12345',
  repository_owner_id: '678',
  workflow_ref: 'acme/redact/.github/workflows/release.yml@refs/tags/v1.0.0',
  event_name: 'push',
}

async function start(page: Page): Promise<{ site: Site; names: NameServer; ada: TestBrowser }> {
  const names = await NameServer.start()
  onTestFinished(() => names.stop())
  const site = await startSite({ proofs: { nameServers: [names.address] } })
  const ada = await signedUp(site, 'ada', { secondFactor: true })
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@acme' })
  const cookies = [...ada.cookies].map(([name, value]) => ({ name, value, url: site.url }))
  await page.context().addCookies(cookies)
  return { site, names, ada }
}

async function trustWorkflow(page: Page, site: Site): Promise<void> {
  await page.goto(`${site.url}/@acme/settings`)
  await page.getByText('Trust a workflow').click()
  await page.getByLabel('Module, which need not exist yet').fill('@acme/redact')
  await page.getByLabel('Repository', { exact: true }).fill('acme/redact')
  await page.getByLabel('Id of the repository').fill('12345')
  await page.getByLabel('Id of its owner').fill('678')
  await page.getByLabel('File of the workflow').fill('release.yml')
  await page.getByRole('button', { name: 'Trust it' }).click()
  await page.getByText('pending: nothing is published yet').waitFor()
}

async function compare(page: Page, pasted: object | string): Promise<string> {
  await page.getByText('Test this configuration').click()
  const module = page.locator('form[action$="/publishers/test"] input[name="module"]')
  await module.fill('@acme/redact')
  await page.getByLabel('Claims of a run, as JSON').fill(typeof pasted === 'string' ? pasted : JSON.stringify(pasted))
  await page.getByRole('button', { name: 'Compare' }).click()
  return page.locator('main').innerText()
}

async function claimDomain(page: Page, site: Site): Promise<string> {
  await page.goto(`${site.url}/@acme/settings`)
  await page.getByText('Prove a domain or a repository').click()
  await page.getByLabel('Its name').fill('acme.example')
  await page.getByRole('button', { name: 'Show what to put there' }).click()
  return page.locator('#proofs .mono').innerText()
}

describe('an owner of a scope', { timeout: 120_000 }, () => {
  test('trusts a workflow, tests that with claims, and trusts it no more', async (context) => {
    const { page } = await browse(context, { javaScriptEnabled: false })
    const { site } = await start(page)
    await trustWorkflow(page, site)
    expect(await compare(page, claims)).toContain('This run may publish @acme/redact.')
    await page.goto(`${site.url}/@acme/settings`)
    const differs = await compare(page, { ...claims, repository_id: '999', event_name: 'pull_request_target' })
    expect(differs).toContain('repository_id: found 999, want 12345')
    expect(differs).toContain('event_name: found pull_request_target')
    await page.goto(`${site.url}/@acme/settings`)
    expect(await compare(page, 'no JSON')).toContain('want a JSON object')
    await site.publish(testModule())
    await page.goto(`${site.url}/@acme/settings`)
    expect(await page.locator('#publishers').innerText()).not.toContain('pending')
    await page.getByRole('button', { name: 'Trust no more: acme/redact' }).click()
    await page.waitForURL('**/settings#publishers')
    expect(await page.locator('#publishers').innerText()).not.toContain('12345')
  })

  test('proves a domain, which everybody then reads on the scope and its modules', async (context) => {
    const { page } = await browse(context, { javaScriptEnabled: false })
    const { site, names } = await start(page)
    await site.publish(testModule())
    const text = await claimDomain(page, site)
    await page.getByRole('button', { name: 'Look now: acme.example' }).click()
    await page.getByText('found no TXT record of _ingot.acme.example').waitFor()
    names.setTexts('_ingot.acme.example', text)
    await page.getByRole('button', { name: 'Look now: acme.example' }).click()
    await page.getByText('Verified since').waitFor()
    await page.context().clearCookies()
    for (const path of ['/@acme', '/@acme/redact', '/@acme/redact/1.0.0/versions']) {
      await page.goto(`${site.url}${path}`)
      expect(await page.locator('.head').innerText(), path).toContain('verified by DNS acme.example since')
    }
  })
})

test('a member checks in the browser that a private module is in the log', { timeout: 120_000 }, async (context) => {
  const { page, complaints } = await browse(context)
  const { site, ada } = await start(page)
  await ada.json(201, 'POST', '/api/v1/scopes', { name: '@quiet', visibility: 'private' })
  await site.publish(testModule({ name: '@quiet/plan' }))
  await page.goto(`${site.url}/@quiet/plan/1.0.0/provenance`)
  await page.getByRole('button', { name: 'Check in this browser' }).click()
  await page.locator('.proof ol li').nth(4).waitFor()
  const outcomes = "[...document.querySelectorAll('.proof ol li')].map((item) => item.className)"
  expect(await page.evaluate(outcomes)).toEqual(['good', 'good', 'good', 'good', 'good'])
  expect(complaints).toEqual([])
})

test.for(['light', 'dark'] as const)(
  'the settings of a scope can be used by everybody (%s)',
  { timeout: 120_000 },
  async (colorScheme, context) => {
    const { page, complaints } = await browse(context, { colorScheme, viewport: { width: 360, height: 740 } })
    const { site, names } = await start(page)
    await trustWorkflow(page, site)
    const findings = await findingsOf(page)
    await compare(page, { ...claims, repository_id: '999'.repeat(40), iss: issuer })
    findings.push(...(await findingsOf(page)))
    const text = await claimDomain(page, site)
    names.setTexts('_ingot.acme.example', text)
    findings.push(...(await findingsOf(page)))
    await page.getByRole('button', { name: 'Look now: acme.example' }).click()
    await page.getByText('Verified since').waitFor()
    findings.push(...(await findingsOf(page)))
    await page.goto(`${site.url}/@acme`)
    findings.push(...(await findingsOf(page)))
    expect(findings).toEqual([])
    expect(complaints).toEqual([])
  },
)
