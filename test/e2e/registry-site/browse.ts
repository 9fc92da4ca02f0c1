import { chromium, type Browser, type Page } from 'playwright-core'
import { onTestFinished, type TestContext } from 'vitest'
import { requireServer } from '../../servers/index.ts'

/** A page of a real browser, and everything that the browser complains about: errors, and what the policy of the page forbids. */
export async function browse(
  context: TestContext,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ page: Page; complaints: string[] }> {
  const executablePath = requireServer('chromium', context)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  onTestFinished(() => browser.close())
  const page = await browser.newPage(options)
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`${message.text()} at ${page.url()}`))
  page.on('pageerror', (error) => complaints.push(`${error.message} at ${page.url()}`))
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, complaints }
}
