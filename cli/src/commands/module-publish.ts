import { packModule, publishModule, type PublishOutcome } from '@ingot/loader'
import type { Command } from 'commander'
import { Credentials } from '../account/credentials.ts'
import { registryUrl } from '../account/registry-api.ts'
import { exchangeWorkflowIdentity, type PackedVersion } from '../account/workflow-identity.ts'
import { authorPackages } from '../author-packages.ts'
import { capabilityLines } from '../capability-lines.ts'
import { CommandError } from '../command-error.ts'

interface Flags {
  readonly registry?: string
  readonly token?: string
  readonly oidc?: true
  readonly oidcTokenFile?: string
  readonly oidcAudience?: string
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
    .option(
      '--oidc',
      'publishes as the workflow of GitHub or GitLab that runs it, which the scope trusts: no token is stored',
    )
    .option('--oidc-token-file <file>', 'takes the identity of the workflow from a file')
    .option('--oidc-audience <audience>', 'for whom the identity is made (default: what the registry wants)')
    .option('--stage', 'has it wait for people, who approve it: ingot module approve')
    .option('--dry-run', 'has the registry check it, and nothing else')
    .option('--json', 'prints the result as JSON')
    .action(publish)
}

async function publish(dir: string, flags: Flags): Promise<void> {
  const url = await registryUrl(flags.registry)
  const stored = isWorkflow(flags) ? undefined : await storedToken(url, flags)
  const packed = await packModule(dir, { packages: authorPackages() })
  const token = stored ?? (await workflowToken(url, packed, flags))
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

function isWorkflow({ oidc, oidcTokenFile, token }: Flags): boolean {
  const asWorkflow = oidc === true || oidcTokenFile !== undefined
  if (asWorkflow && token !== undefined) {
    throw new CommandError('Cannot publish by --token and as a workflow: want one of them')
  }
  return asWorkflow
}

async function storedToken(url: string, flags: Flags): Promise<string> {
  const token = flags.token ?? (process.env['INGOT_TOKEN'] || (await new Credentials().find(url))?.token)
  if (token !== undefined) return token
  throw new CommandError(
    'Cannot publish without a token: want --token, $INGOT_TOKEN or a login',
    `ingot module login --registry ${url}, or ingot registry token create; in CI, --oidc`,
  )
}

function workflowToken(registryUrl: string, packed: PackedVersion, flags: Flags): Promise<string> {
  return exchangeWorkflowIdentity(packed, { registryUrl, tokenFile: flags.oidcTokenFile, audience: flags.oidcAudience })
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
