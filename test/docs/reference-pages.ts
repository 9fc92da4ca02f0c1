import { fileURLToPath } from 'node:url'
import { defaultCacheDir, prepareDistribution, type Distribution } from '@ingot/loader'
import { cliPage } from './cli-page.ts'
import { compatibilityPage } from './compatibility-page.ts'
import { componentPage } from './component-page.ts'
import { componentsIndex } from './components-index.ts'
import { configBlocksPage } from './config-blocks-page.ts'
import { errorsPage } from './errors-page.ts'
import { registryApi } from './registry-api.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The distribution of this checkout. */
export function loadDistribution(): Promise<Distribution> {
  return prepareDistribution({ root, cacheDir: defaultCacheDir(root) })
}

/** Every generated page: its path under `docs/reference/` → its text. */
export async function referencePages(distribution: Distribution): Promise<ReadonlyMap<string, string>> {
  const components = [...distribution.components()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return new Map([
    ['components/README.md', componentsIndex(components)],
    ...components.map((each) => [`components/${each.name}.md`, componentPage(each)] as const),
    ['errors.md', errorsPage(root)],
    ['cli.md', await cliPage()],
    ['config-blocks.md', configBlocksPage()],
    ['compatibility.md', compatibilityPage(root, distribution)],
    ['registry-api.json', await registryApi()],
  ])
}
