/** `npm run docs`: writes the reference pages anew, and removes those of components that are gone. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadDistribution, referencePages, root } from './reference-pages.ts'

const folder = join(root, 'docs/reference')
const pages = await referencePages(await loadDistribution())
rmSync(join(folder, 'components'), { recursive: true, force: true })
for (const [path, text] of pages) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
process.stdout.write(`${pages.size} pages in docs/reference\n`)
