import { createSetupLink, createUser } from '../accounts/create-user.ts'
import { totpCode } from '../accounts/totp.ts'
import type { Registry } from '../registry.ts'
import { TestBrowser } from './browser.ts'

const testPassword = 'correct horse battery'

export interface SignUpOptions {
  readonly staff?: boolean
  /** Sets TOTP up, so that a second factor was shown just now. */
  readonly secondFactor?: boolean
}

/** A browser in which a new user has signed in, by the set-up link that they were sent. */
export async function signedUp(
  { registry, url }: { readonly registry: Registry; readonly url: string },
  name: string,
  { staff = false, secondFactor = false }: SignUpOptions = {},
): Promise<TestBrowser> {
  const { link } = await createSetupLink(registry.meta, await createUser(registry.meta, { name, staff }))
  const browser = new TestBrowser(url)
  await browser.json(201, 'POST', '/api/v1/account/set-up', { link, password: testPassword })
  if (secondFactor) {
    const { secret } = await browser.json<{ secret: string }>(201, 'POST', '/api/v1/account/totp')
    const code = totpCode(secret, Math.floor(Date.now() / 30_000))
    await browser.json(200, 'POST', '/api/v1/account/totp/confirm', { code })
  }
  return browser
}
