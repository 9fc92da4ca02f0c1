import { packModule, publishModule } from '@ingot/loader'
import type { Command } from 'commander'
import { authorPackages } from '../author-packages.ts'
import { capabilityLines } from '../capability-lines.ts'
import { CommandError } from '../command-error.ts'

interface Flags {
  readonly registry: string
  readonly token?: string
}

/** `ingot module publish`: packs and uploads; answered when the version is public. */
export function registerPublish(module: Command): void {
  module
    .command('publish')
    .description('packs a module and publishes it in a registry')
    .argument('[dir]', 'folder of the module', '.')
    .requiredOption('--registry <url>', 'address of the registry')
    .option('--token <token>', 'token that may publish the module (default: $INGOT_TOKEN)')
    .action(publish)
}

async function publish(dir: string, flags: Flags): Promise<void> {
  const token = flags.token ?? process.env['INGOT_TOKEN']
  if (token === undefined) {
    throw new CommandError(
      'Cannot publish without a token: want --token or $INGOT_TOKEN',
      'ingot registry token create makes one',
    )
  }
  const packed = await packModule(dir, { packages: authorPackages() })
  const { created } = await publishModule(packed, { registryUrl: flags.registry, token })
  const { name, version } = packed.manifest
  process.stdout.write(`${created ? 'published' : 'already there:'} ${name}@${version} ${packed.integrity}\n`)
  process.stdout.write(
    capabilityLines(packed.manifest)
      .map((line) => `  ${line}\n`)
      .join(''),
  )
}
