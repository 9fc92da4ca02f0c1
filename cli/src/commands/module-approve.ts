import { stageAnswer, stageApproval, type StageAnswer } from '@ingot/manifest'
import type { Command } from 'commander'
import { z } from 'zod'
import type { RegistryApi } from '../account/registry-api.ts'
import { addOtpFlag, addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { CommandError } from '../command-error.ts'
import { versionArgument } from '../version-changes/version-argument.ts'

interface Flags extends RegistryFlags {
  readonly id?: string
}

const published = z.looseObject({ statement: z.unknown() })

/** `ingot module stage|approve|reject`: versions that wait for people, and what people decide about them. */
export function registerApprove(module: Command): void {
  addRegistryFlags(module.command('stage'))
    .description('lists the versions of a scope that wait for people')
    .argument('<scope>', 'such as "@acme"')
    .action(list)
  addOtpFlag(addRegistryFlags(module.command('approve')))
    .description('approves a version that waits; with enough approvals it is published')
    .argument('<module@version>')
    .option('--id <stage>', 'which one, where several wait')
    .action(approve)
  addOtpFlag(addRegistryFlags(module.command('reject')))
    .description('rejects a version that waits')
    .argument('<module@version>')
    .option('--id <stage>', 'which one, where several wait')
    .action(reject)
}

async function list(scope: string, flags: RegistryFlags): Promise<void> {
  const stages = await waiting(await registryOfFlags(flags), scope)
  const lines = stages.map(
    ({ module, version, reasons, uploader, createdAt, id }) =>
      `${module}@${version}  ${reasons.join(', ')}  by ${uploader} at ${createdAt}  ${id}\n`,
  )
  print(flags, { stages }, lines.length === 0 ? `nothing of ${scope} waits\n` : lines.join(''))
}

async function approve(key: string, flags: Flags): Promise<void> {
  const api = await registryOfFlags(flags)
  const { module, version, id, sha512 } = await find(api, key, flags.id)
  const answer = await api.json(
    z.union([stageApproval, published]),
    'POST',
    `/modules/${module}/stages/${id}/approve`,
    {
      body: { sha512 },
    },
  )
  const waits = stageApproval.safeParse(answer).data
  const text = waits ? `approved ${key}: ${waits.approvals} of ${waits.wanted}\n` : `approved and published ${key}\n`
  print(flags, { module, version, id, published: !waits, ...waits }, text)
}

async function reject(key: string, flags: Flags): Promise<void> {
  const api = await registryOfFlags(flags)
  const { module, version, id } = await find(api, key, flags.id)
  await api.send('DELETE', `/modules/${module}/stages/${id}`)
  print(flags, { module, version, id, rejected: true }, `rejected ${key}\n`)
}

async function waiting(api: RegistryApi, scope: string): Promise<StageAnswer[]> {
  const { stages } = await api.json(z.object({ stages: z.array(stageAnswer) }), 'GET', `/scopes/${scope}/stages`)
  return stages
}

async function find(api: RegistryApi, key: string, id: string | undefined): Promise<StageAnswer> {
  const { name, version } = versionArgument(key)
  const stages = await waiting(api, name.slice(0, name.indexOf('/')))
  const [only, ...others] = stages.filter(
    (stage) => stage.module === name && stage.version === version && (id === undefined || stage.id === id),
  )
  if (!only) throw new CommandError(`Cannot find "${key}" among the versions that wait`, 'ingot module stage <scope>')
  if (others.length === 0) return only
  throw new CommandError(
    `Cannot tell which "${key}" is meant: found ${others.length + 1} that wait`,
    'add --id <stage>',
  )
}
