import { defaultCacheDir, prepareDistribution, publishDistribution, type PublishedModule } from '@ingot/loader'
import type { Command } from 'commander'
import { checkoutRoot } from '../checkout.ts'
import { CommandError } from '../command-error.ts'
import { showPacking } from '../show-packing.ts'

interface Flags {
  readonly registry: string
  readonly token?: string
  readonly keep: boolean
  readonly json?: boolean
}

/** `ingot registry publish-distribution`: the modules that every collector has, in a registry, with their documentation. */
export function registerPublishDistribution(registry: Command): void {
  registry
    .command('publish-distribution')
    .description('publishes the modules that this version of Ingot comes with; those that the registry has are left')
    .requiredOption('--registry <url>', 'address of the registry')
    .option('--token <token>', 'token that may publish "@ingot/*" (default: $INGOT_TOKEN)')
    .option('--keep', 'leaves versions that the registry has with other content, and says so', false)
    .option('--json', 'prints the result as JSON')
    .action(publish)
}

const words: Readonly<Record<PublishedModule['state'], string>> = {
  published: 'published',
  unchanged: 'already there:',
  other: 'there with other content:',
}

async function publish({ registry: registryUrl, keep, json, ...flags }: Flags): Promise<void> {
  const token = flags.token ?? process.env['INGOT_TOKEN']
  if (token === undefined) {
    throw new CommandError(
      'Cannot publish without a token: want --token or $INGOT_TOKEN',
      "ingot registry token create --modules '@ingot/*' makes one",
    )
  }
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const distribution = await prepareDistribution({ root, cacheDir, onProgress: showPacking })
  const onProgress = ({ name, version, state }: PublishedModule): void => {
    if (!json) process.stdout.write(`${words[state]} ${name}@${version}\n`)
  }
  const modules = await publishDistribution({ distribution, cacheDir, registryUrl, token, onProgress })
  if (json) process.stdout.write(`${JSON.stringify({ modules }, null, 2)}\n`)
  const others = modules.filter(({ state }) => state === 'other')
  if (others.length > 0 && !keep) {
    const names = others.map(({ name, version }) => `${name}@${version}`).join(', ')
    throw new CommandError(
      `Cannot publish ${names}: the registry has other content under the same version, which never changes`,
      'give the modules the next version, or leave what is there with --keep',
    )
  }
}
