import { packModule, publishModule } from '@ingot/loader'
import type { Command } from 'commander'
import { Credentials } from '../account/credentials.ts'
import { registryUrl } from '../account/registry-api.ts'
import { authorPackages } from '../author-packages.ts'
import { capabilityLines } from '../capability-lines.ts'
import { CommandError } from '../command-error.ts'

interface Flags {
  readonly registry?: string
  readonly token?: string
}

/** `ingot module publish`: packs and uploads; answered when the version is public. */
export function registerPublish(module: Command): void {
  module
    .command('publish')
    .description('packs a module and publishes it in a registry')
    .argument('[dir]', 'folder of the module', '.')
    .option('--registry <url>', 'address of the registry (default: $INGOT_REGISTRY, or the one that was signed in to)')
    .option(
      '--token <token>',
      'token that may publish the module (default: $INGOT_TOKEN, or what module login has got)',
    )
    .action(publish)
}

async function publish(dir: string, flags: Flags): Promise<void> {
  const url = await registryUrl(flags.registry)
  const token = flags.token ?? (process.env['INGOT_TOKEN'] || (await new Credentials().find(url))?.token)
  if (token === undefined) {
    throw new CommandError(
      'Cannot publish without a token: want --token, $INGOT_TOKEN or a login',
      `ingot module login --registry ${url}, or ingot registry token create`,
    )
  }
  const packed = await packModule(dir, { packages: authorPackages() })
  const { created } = await publishModule(packed, { registryUrl: url, token })
  const { name, version } = packed.manifest
  process.stdout.write(`${created ? 'published' : 'already there:'} ${name}@${version} ${packed.integrity}\n`)
  process.stdout.write(
    capabilityLines(packed.manifest)
      .map((line) => `  ${line}\n`)
      .join(''),
  )
}
