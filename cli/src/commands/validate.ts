import { validateConfiguration } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution } from '@ingot/loader'
import { Option, type Command } from 'commander'
import { checkoutRoot } from '../checkout.ts'
import { lockExitCode } from '../report-error.ts'
import { showPacking } from '../show-packing.ts'

type Stability = 'experimental' | 'public-preview' | 'generally-available'

/** `ingot validate <path>`: everything that can be known of a configuration without running it. */
export function register(program: Command): void {
  program
    .command('validate')
    .description('checks a configuration without running anything of it')
    .argument('<path>', 'file or folder')
    .addOption(
      new Option('--stability.level <level>', 'least stability of what may be used')
        .choices(['experimental', 'public-preview', 'generally-available'])
        .default('generally-available'),
    )
    .action(validate)
}

async function validate(path: string, flags: { readonly 'stability.level': Stability }): Promise<void> {
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const distribution = await prepareDistribution({ root, cacheDir, onProgress: showPacking })
  const { errors, printed, lockDisagrees } = await validateConfiguration({
    configPath: path,
    distribution,
    cacheDir,
    stabilityLevel: flags['stability.level'],
    color: process.stderr.isTTY,
  })
  process.stderr.write(printed)
  process.exitCode = errors === 0 ? 0 : lockDisagrees ? lockExitCode : 1
}
