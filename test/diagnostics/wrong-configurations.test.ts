import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { validateConfiguration } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution } from '@ingot/loader'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../tidy/source-files.ts'

const testdata = join(import.meta.dirname, 'testdata')
const cases = readdirSync(testdata).filter((name) => name.endsWith('.alloy'))
const home = process.cwd()

// Diagnostics name files as they were given: relative ones are the same on every machine.
beforeAll(() => process.chdir(testdata))
afterAll(() => process.chdir(home))

test.each(cases)('validateConfiguration() says what is wrong with %s', async (configPath) => {
  const cacheDir = defaultCacheDir(root)
  const { printed } = await validateConfiguration({
    configPath,
    distribution: await prepareDistribution({ root, cacheDir, modules: [] }),
    cacheDir,
    stabilityLevel: 'generally-available',
    color: false,
  })
  await expect(printed).toMatchFileSnapshot(join(testdata, configPath.replace('.alloy', '.diag.txt')))
})
