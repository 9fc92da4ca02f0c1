import type { Command } from 'commander'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { changeAnswer, changeText } from '../version-changes/change-answer.ts'
import { versionArgument } from '../version-changes/version-argument.ts'

interface Flags extends RegistryFlags {
  readonly reason: string
}

/** `ingot module yank|unyank`: hides a version from those who have not pinned it, and takes that back. */
export function registerYank(module: Command): void {
  for (const [verb, description] of [
    ['yank', 'hides a version from new resolution; who has pinned it still gets it'],
    ['unyank', 'takes a yank back'],
  ] as const) {
    addRegistryFlags(module.command(verb))
      .description(description)
      .argument('<module@version>', 'such as "@acme/redact@1.4.2"')
      .requiredOption('--reason <text>', 'why: everybody sees it')
      .action((key: string, flags: Flags) => change(verb, key, flags))
  }
}

async function change(verb: 'yank' | 'unyank', key: string, flags: Flags): Promise<void> {
  const { name, version } = versionArgument(key)
  const api = await registryOfFlags(flags)
  const body = { reason: flags.reason }
  const answer = await api.json(changeAnswer, 'POST', `/modules/${name}/versions/${version}/${verb}`, { body })
  print(flags, { module: name, version, ...answer }, changeText(`${verb}ed ${key}`, answer))
}
