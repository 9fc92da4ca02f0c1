import { resolve } from 'node:path'
import type { Command } from 'commander'
import { authorPackages } from '../author-packages.ts'

/** `ingot module test`: the module's own tests, wherever the module lies. */
export function registerTest(module: Command): void {
  module
    .command('test')
    .description("runs a module's *.test.ts files")
    .argument('[dir]', 'folder of the module', '.')
    .action(test)
}

async function test(dir: string): Promise<void> {
  const { startVitest } = await import('vitest/node')
  const packages = authorPackages()
  const vitest = await startVitest(
    [],
    {
      root: resolve(dir),
      config: false,
      watch: false,
      include: ['**/*.test.ts'],
      pool: 'forks',
      passWithNoTests: false,
    },
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
