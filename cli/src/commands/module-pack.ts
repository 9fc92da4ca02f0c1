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
    .action(pack)
}

async function pack(dir: string, flags: { readonly out: string }): Promise<void> {
  const packed = await packModule(dir, { outDir: resolve(flags.out), packages: authorPackages() })
  process.stdout.write(`${packed.path}\n${packed.integrity}\n`)
}
