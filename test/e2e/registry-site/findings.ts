import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Serious and critical findings on the page that is shown, and whether it is wider than the screen. */
export async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })",
  )) as axe.AxeResults
  const found = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()}: ${id} ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
  const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  return wider === 0 ? found : [...found, `${page.url()}: ${String(wider)} px wider than the screen`]
}
