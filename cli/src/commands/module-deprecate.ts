import type { Command } from 'commander'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { CommandError } from '../command-error.ts'
import { changeAnswer, changeText } from '../version-changes/change-answer.ts'
import { moduleArgument } from '../version-changes/version-argument.ts'

interface Flags extends RegistryFlags {
  readonly reason?: string
  readonly successor?: string
  readonly undo?: true
}

/** `ingot module deprecate`: warns whoever uses a module, or one of its versions. */
export function registerDeprecate(module: Command): void {
  addRegistryFlags(module.command('deprecate'))
    .description('warns whoever uses a module or a version; nothing else changes')
    .argument('<module[@version]>', 'such as "@acme/redact" or "@acme/redact@1.4.2"')
    .option('--reason <text>', 'why: everybody sees it')
    .option('--successor <module or version>', 'what to use in its place')
    .option('--undo', 'warns no more')
    .action(deprecate)
}

async function deprecate(text: string, flags: Flags): Promise<void> {
  if ((flags.reason === undefined) === (flags.undo === undefined)) {
    throw new CommandError('Cannot deprecate without saying why: want either --reason or --undo')
  }
  const { name, version } = moduleArgument(text)
  const api = await registryOfFlags(flags)
  const path = version === undefined ? `/modules/${name}/deprecate` : `/modules/${name}/versions/${version}/deprecate`
  const body = { reason: flags.reason ?? null, successor: flags.successor ?? null }
  const answer = await api.json(changeAnswer, 'POST', path, { body })
  const done = flags.undo ? `${text} is not deprecated any more` : `deprecated ${text}`
  print(flags, { module: name, version: version ?? null, ...answer }, changeText(done, answer))
}
