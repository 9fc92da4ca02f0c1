import { packModule, publishModule, type PublishOutcome } from '@ingot/loader'
import type { Command } from 'commander'
import { Credentials } from '../account/credentials.ts'
import { registryUrl } from '../account/registry-api.ts'
import { authorPackages } from '../author-packages.ts'
import { capabilityLines } from '../capability-lines.ts'
import { CommandError } from '../command-error.ts'

interface Flags {
  readonly registry?: string
  readonly token?: string
  readonly stage?: true
  readonly dryRun?: true
  readonly json?: true
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
    .option('--stage', 'has it wait for people, who approve it: ingot module approve')
    .option('--dry-run', 'has the registry check it, and nothing else')
    .option('--json', 'prints the result as JSON')
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
  const { stage, dryRun } = flags
  const options = { registryUrl: url, token, ...(stage && { stage }), ...(dryRun && { dryRun }) }
  const outcome = await publishModule(packed, options)
  const { name, version } = packed.manifest
  const { status, note } = told(outcome)
  if (flags.json) {
    const answer = { module: name, version, integrity: packed.integrity, status, ...outcome.staged, ...outcome.checked }
    return void process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
  }
  process.stdout.write(`${status}${status === 'published' ? '' : ':'} ${name}@${version} ${packed.integrity}\n${note}`)
  process.stdout.write(
    capabilityLines(packed.manifest)
      .map((line) => `  ${line}\n`)
      .join(''),
  )
}

function told({ created, staged, checked }: PublishOutcome): { status: string; note: string } {
  if (staged) return { status: 'waiting', note: `  for people, because of ${staged.reasons.join(', ')}\n` }
  if (checked) {
    const { reasons } = checked
    return {
      status: 'checked',
      note: reasons.length > 0 ? `  would wait for people, because of ${reasons.join(', ')}\n` : '',
    }
  }
  return { status: created ? 'published' : 'already there', note: '' }
}
