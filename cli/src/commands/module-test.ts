import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { authorPackages } from '../author-packages.ts'
import { linkAuthorPackages } from '../link-author-packages.ts'
import { prepareModules } from '../prepare-modules.ts'

/** Folders of a module whose configurations must hold. */
const configFolders = ['examples', 'tests']

/** `ingot module test`: the module's own tests and configurations, wherever the module lies. */
export function registerTest(module: Command): void {
  module
    .command('test')
    .description("runs a module's *.test.ts files, and checks the configurations in examples/ and tests/")
    .argument('[dir]', 'folder of the module', '.')
    .action(test)
}

async function test(dir: string): Promise<void> {
  const root = resolve(dir)
  await linkAuthorPackages(root)
  await runTests(root)
  await checkConfigurations(root)
}

async function runTests(root: string): Promise<void> {
  const { startVitest } = await import('vitest/node')
  const packages = authorPackages()
  const vitest = await startVitest(
    [],
    { root, config: false, watch: false, include: ['**/*.test.{ts,js}'], pool: 'forks', passWithNoTests: false },
    {
      plugins: [{ name: 'author-packages', enforce: 'pre', resolveId: resolveAuthorPackage }],
      server: { fs: { strict: false } },
    },
  )
  await vitest.close()

  /** The module's own packages come first, as when it is packed. */
  async function resolveAuthorPackage(
    this: { resolve(id: string, importer?: string, options?: { skipSelf: boolean }): Promise<{ id: string } | null> },
    specifier: string,
    importer: string | undefined,
  ): Promise<{ id: string } | null> {
    const file = packages[specifier]
    if (file === undefined) return null
    return (await this.resolve(specifier, importer, { skipSelf: true })) ?? { id: file }
  }
}

/** Each configuration by itself, with the module as it lies here. */
async function checkConfigurations(root: string): Promise<void> {
  const found = await Promise.all(configFolders.map((folder) => readdir(join(root, folder)).catch(() => [])))
  const paths = found.flatMap((names, i) =>
    names.filter((name) => name.endsWith('.alloy')).map((name) => join(configFolders[i]!, name)),
  )
  if (paths.length === 0) return
  const { validateConfiguration } = await import('@ingot/engine')
  const { modules, ...prepared } = await prepareModules([root])
  for (const path of paths.toSorted()) {
    const configPath = join(root, path)
    const color = process.stderr.isTTY
    const checked = await validateConfiguration({
      ...prepared,
      configPath,
      modules,
      stabilityLevel: 'experimental',
      color,
    })
    if (checked.errors > 0) process.exitCode = 1
    process.stdout.write(`${checked.errors > 0 ? '✗' : '✓'} ${path}\n`)
    process.stderr.write(checked.printed)
  }
}
