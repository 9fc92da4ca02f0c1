import { newScopeAnswer, proofDescription, type ProofDescription } from '@ingot/manifest'
import type { Command } from 'commander'
import { z } from 'zod'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { wantScope } from '../account/want-scope.ts'
import { CommandError } from '../command-error.ts'

interface ProveFlags extends RegistryFlags {
  readonly dns?: string
  readonly repository?: string
}

const proofList = z.object({ proofs: z.array(proofDescription) })

/** `ingot module scope create|prove|verify|unprove`: scopes, and what proves who stands behind them. */
export function registerScope(module: Command): void {
  const scope = module.command('scope').description('scopes of modules, and what proves who stands behind them')
  addRegistryFlags(scope.command('create <scope>'))
    .description('makes a scope that you own')
    .option('--private', 'only members see it, and the public log never names it')
    .action(create)
  addRegistryFlags(scope.command('prove <scope>'))
    .description('tells what to put where, so that a domain or a repository vouches for a scope')
    .option('--dns <domain>', 'a domain, by a TXT record')
    .option('--repository <url>', 'a repository, by a file in its default branch')
    .action(prove)
  addRegistryFlags(scope.command('verify <scope>'))
    .description('looks for what proves who stands behind a scope; exit code 1 when something is missing')
    .action(verify)
  addRegistryFlags(scope.command('unprove <scope> <name>'))
    .description('claims a domain or a repository no longer')
    .action(unprove)
}

async function create(scope: string, flags: RegistryFlags & { readonly private?: true }): Promise<void> {
  const body = { name: wantScope(scope), ...(flags.private && { visibility: 'private' }) }
  const answer = await (await registryOfFlags(flags)).json(newScopeAnswer, 'POST', '/scopes', { body })
  const held = answer.held ? '  its name is close to another’s: what is first published in it waits for staff\n' : ''
  print(flags, answer, `${scope} is yours\n${held}`)
}

async function prove(scope: string, flags: ProveFlags): Promise<void> {
  const { dns, repository } = flags
  if ((dns === undefined) === (repository === undefined)) {
    throw new CommandError('Cannot tell what is to be proven: want --dns or --repository, and one of them')
  }
  const body = dns === undefined ? { kind: 'repository', value: repository } : { kind: 'dns', value: dns }
  const path = `/scopes/${wantScope(scope)}/proofs`
  const proof = await (await registryOfFlags(flags)).json(proofDescription, 'POST', path, { body })
  const { where, text } = proof
  print(flags, proof, `put this there as a ${where}:\n  ${text}\nand then: ingot module scope verify ${scope}\n`)
}

async function verify(scope: string, flags: RegistryFlags): Promise<void> {
  const api = await registryOfFlags(flags)
  const path = `/scopes/${wantScope(scope)}/proofs`
  const { proofs } = await api.json(proofList, 'GET', path)
  if (proofs.length === 0) {
    throw new CommandError(
      `Cannot verify ${scope}: nothing is claimed of it`,
      `ingot module scope prove ${scope} --dns <domain>`,
    )
  }
  const checked: ProofDescription[] = []
  for (const { id } of proofs) checked.push(await api.json(proofDescription, 'POST', `${path}/${id}/check`))
  print(flags, { proofs: checked }, checked.map(line).join(''))
  if (checked.some(({ problem }) => problem !== null)) process.exitCode = 1
}

function line({ kind, value, verifiedAt, failingSince, problem }: ProofDescription): string {
  const state = verifiedAt === null ? 'not verified' : `verified since ${verifiedAt}`
  const failing = failingSince === null ? '' : `, not found since ${failingSince}`
  return `${kind} ${value}: ${state}${failing}\n${problem === null ? '' : `  ${problem}\n`}`
}

async function unprove(scope: string, name: string, flags: RegistryFlags): Promise<void> {
  const api = await registryOfFlags(flags)
  const path = `/scopes/${wantScope(scope)}/proofs`
  const { proofs } = await api.json(proofList, 'GET', path)
  const found = proofs.find(({ value }) => value === name)
  if (!found) {
    const known = proofs.map(({ value }) => `"${value}"`).join(', ') || 'none'
    throw new CommandError(`Cannot find "${name}" among the proofs of ${scope}: found ${known}`)
  }
  await api.send('DELETE', `${path}/${found.id}`)
  print(flags, { scope, removed: name }, `${name} is claimed of ${scope} no longer\n`)
}
