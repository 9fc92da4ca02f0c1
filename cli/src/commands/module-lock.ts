import { describePin, lockConfiguration, type LockResult } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution } from '@ingot/loader'
import { Option, type Command } from 'commander'
import { checkoutRoot } from '../checkout.ts'
import { showPacking } from '../show-packing.ts'

/** `ingot module lock`: accepts what `import.git` and `import.http` bring now. */
export function registerLock(module: Command): void {
  module
    .command('lock')
    .description('pins in ingot.lock what the import.git and import.http blocks of a configuration bring now')
    .argument('[config]', 'file or folder', '.')
    .addOption(
      new Option('--stability.level <level>', 'least stability of what may be used')
        .choices(['experimental', 'public-preview', 'generally-available'])
        .default('generally-available'),
    )
    .option('--feature.community-components.enabled', 'allows components that the community maintains')
    .action(lock)
}

async function lock(path: string, raw: Record<string, unknown>): Promise<void> {
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const result = await lockConfiguration({
    configPath: path,
    distribution: await prepareDistribution({ root, cacheDir, onProgress: showPacking }),
    cacheDir,
    stabilityLevel: raw['stability.level'] as 'experimental' | 'public-preview' | 'generally-available',
    communityComponents: raw['feature.communityComponents.enabled'] === true,
    color: process.stderr.isTTY,
  })
  process.stderr.write(result.validation.printed)
  if (result.pinned) process.stdout.write(summary(result, result.pinned))
  else process.exitCode = 1
}

function summary({ lockPath }: LockResult, pinned: NonNullable<LockResult['pinned']>): string {
  if (pinned.length === 0) return 'nothing to pin: the configuration has no import.git and no import.http\n'
  const lines = pinned.map(({ key, source, before, isNew }) => {
    const change = isNew ? 'new' : before === undefined ? 'unchanged' : `was ${before}`
    return `  ${key}: ${describePin(source)} (${change})`
  })
  return `${lockPath}\n${lines.join('\n')}\n`
}
