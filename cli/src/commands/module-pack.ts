import { resolve } from 'node:path'
import { packModule } from '@ingot/loader'
import type { Command } from 'commander'
import { authorPackages } from '../author-packages.ts'

/** `ingot module pack`: what `publish` would send, as a file. */
export function registerPack(module: Command): void {
  module
    .command('pack')
    .description('packs a module into a .tgz')
    .argument('[dir]', 'folder of the module', '.')
    .option('-o, --out <folder>', 'where to write it', '.')
    .option('--json', 'prints the result as JSON')
    .action(pack)
}

async function pack(dir: string, flags: { readonly out: string; readonly json?: true }): Promise<void> {
  const packed = await packModule(dir, { outDir: resolve(flags.out), packages: authorPackages() })
  const { path, integrity, manifest } = packed
  const answer = { module: manifest.name, version: manifest.version, path, integrity }
  process.stdout.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : `${path}\n${integrity}\n`)
}
