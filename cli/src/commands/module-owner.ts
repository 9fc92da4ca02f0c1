import { memberList, scopeRole } from '@ingot/manifest'
import type { Command } from 'commander'
import { addOtpFlag, addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { wantScope } from '../account/want-scope.ts'
import { CommandError } from '../command-error.ts'

interface OwnerFlags extends RegistryFlags {
  readonly role: string
}

/** `ingot module owner list|add|remove|accept`: who may do what in a scope. */
export function registerOwner(module: Command): void {
  const owner = module.command('owner').description('who may do what in a scope')
  addRegistryFlags(owner.command('list <scope>')).description('lists members and their roles').action(list)
  addOtpFlag(addRegistryFlags(owner.command('add <scope> <user>')))
    .description('gives somebody a role; who is no member yet is invited')
    .option('--role <role>', scopeRole.options.join(', '), 'owner')
    .action(add)
  addOtpFlag(addRegistryFlags(owner.command('remove <scope> <user>')))
    .description('takes somebody out, or an invitation back')
    .action(remove)
  addRegistryFlags(owner.command('accept <scope>')).description('accepts an invitation').action(accept)
}

async function list(scope: string, flags: RegistryFlags): Promise<void> {
  const path = `/scopes/${wantScope(scope)}/members`
  const answer = await (await registryOfFlags(flags)).json(memberList, 'GET', path)
  const lines = answer.members.map(({ user, role, acceptedAt, effectiveAt }) => {
    const later = acceptedAt === null ? '  (invited)' : effectiveAt === null ? '' : `  (owner from ${effectiveAt})`
    return `${role.padEnd(10)} ${user}${later}\n`
  })
  print(flags, answer, lines.join(''))
}

async function add(scope: string, user: string, flags: OwnerFlags): Promise<void> {
  const role = scopeRole.safeParse(flags.role)
  if (!role.success) {
    throw new CommandError(`Cannot give the role "${flags.role}": want ${scopeRole.options.join(', ')}`)
  }
  const path = memberPath(scope, user)
  await (await registryOfFlags(flags)).send('PUT', path, { body: { role: role.data } })
  print(flags, { scope, user, role: role.data }, `${user} is ${role.data} of ${scope}, or invited to be\n`)
}

async function remove(scope: string, user: string, flags: RegistryFlags): Promise<void> {
  await (await registryOfFlags(flags)).send('DELETE', memberPath(scope, user))
  print(flags, { scope, user, role: null }, `${user} is no member of ${scope}\n`)
}

async function accept(scope: string, flags: RegistryFlags): Promise<void> {
  await (await registryOfFlags(flags)).send('POST', `/scopes/${wantScope(scope)}/membership`)
  print(flags, { scope, accepted: true }, `you are a member of ${scope}\n`)
}

function memberPath(scope: string, user: string): string {
  return `/scopes/${wantScope(scope)}/members/${encodeURIComponent(user)}`
}
