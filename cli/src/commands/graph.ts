import { drawConfiguration, type DrawingFormat } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution } from '@ingot/loader'
import { Option, type Command } from 'commander'
import { checkoutRoot } from '../checkout.ts'
import { showPacking } from '../show-packing.ts'

const formats: readonly DrawingFormat[] = ['dot', 'mermaid', 'svg']

/** `ingot graph <path>`: which component sends to which, as a picture or as text that others draw. */
export function register(program: Command): void {
  program
    .command('graph')
    .description('draws the pipelines of a configuration, without running anything of it')
    .argument('<path>', 'file or folder')
    .addOption(
      new Option('--format <format>', 'for Graphviz, for Mermaid, or a picture').choices(formats).default('dot'),
    )
    .action(graph)
}

/** What does not hold is told, and the rest is drawn: a picture helps most while a configuration is being written. */
async function graph(path: string, flags: { readonly format: DrawingFormat }): Promise<void> {
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const distribution = await prepareDistribution({ root, cacheDir, onProgress: showPacking })
  const input = { configPath: path, distribution, cacheDir, color: process.stderr.isTTY }
  const everything = { stabilityLevel: 'experimental', communityComponents: true } as const
  const { errors, printed, drawing } = await drawConfiguration({ ...input, ...everything }, flags.format)
  if (errors > 0) process.stderr.write(printed)
  process.stdout.write(drawing)
  process.exitCode = errors === 0 ? 0 : 1
}
