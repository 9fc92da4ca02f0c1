import type { Command } from 'commander'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { changeAnswer, changeText } from '../version-changes/change-answer.ts'
import { readIndex } from '../version-changes/read-index.ts'
import { moduleArgument, versionArgument } from '../version-changes/version-argument.ts'

/** `ingot module tag set|remove|list`: names for versions, which move. */
export function registerTag(module: Command): void {
  const tag = module.command('tag').description('names for versions, which may move; no lock follows them')
  addRegistryFlags(tag.command('set'))
    .description('has a tag name a version')
    .argument('<module@version>')
    .argument('<tag>', 'such as "next"; "latest" stays where it is set until it is removed')
    .action(set)
  addRegistryFlags(tag.command('remove'))
    .description('removes a tag')
    .argument('<module>')
    .argument('<tag>')
    .action(remove)
  addRegistryFlags(tag.command('list')).description('lists the tags of a module').argument('<module>').action(list)
}

async function set(key: string, tag: string, flags: RegistryFlags): Promise<void> {
  const { name, version } = versionArgument(key)
  const api = await registryOfFlags(flags)
  const answer = await api.json(changeAnswer, 'PUT', `/modules/${name}/tags/${tag}`, { body: { version } })
  print(flags, { module: name, tag, version, ...answer }, changeText(`${tag} of ${name} is ${version}`, answer))
}

async function remove(text: string, tag: string, flags: RegistryFlags): Promise<void> {
  const { name } = moduleArgument(text)
  const api = await registryOfFlags(flags)
  const answer = await api.json(changeAnswer, 'DELETE', `/modules/${name}/tags/${tag}`)
  print(flags, { module: name, tag, version: null, ...answer }, changeText(`${name} has no tag ${tag}`, answer))
}

async function list(text: string, flags: RegistryFlags): Promise<void> {
  const { name } = moduleArgument(text)
  const { head } = await readIndex(await registryOfFlags(flags), name)
  const { tags } = head
  const lines = Object.entries(tags).map(([tag, version]) => `${tag}  ${version}\n`)
  print(flags, { module: name, tags }, lines.length === 0 ? `${name} has no tags\n` : lines.join(''))
}
