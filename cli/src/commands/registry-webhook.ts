import {
  newWebhookAnswer,
  webhookDelivery,
  webhookDescription,
  webhookEvent,
  type WebhookDescription,
} from '@ingot/manifest'
import type { Command } from 'commander'
import { z } from 'zod'
import { addOtpFlag, addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { CommandError } from '../command-error.ts'

interface Flags extends RegistryFlags {
  readonly scope?: string
}

interface CreateFlags extends Flags {
  readonly events: string
  readonly description: string
}

/** `ingot registry webhook …`: whom a registry tells what has happened, as whoever has signed in to it. */
export function registerWebhook(registry: Command): void {
  const webhook = registry.command('webhook').description('whom a registry tells what has happened')
  const add = (name: string): Command =>
    addOtpFlag(addRegistryFlags(webhook.command(name))).option(
      '--scope <scope>',
      'of this scope, such as "@acme"; without it of the registry, for those who run it',
    )
  add('create <url>')
    .description('makes a webhook, pings it, and prints the secret that its messages are signed with, once')
    .option('--events <list>', `of ${webhookEvent.options.join(', ')}`, 'publish')
    .option('--description <text>', 'what it is for', '')
    .action(create)
  add('list').description('lists webhooks and how they fare').action(list)
  add('deliveries <webhook>').description('what it was told last, and what came of it').action(deliveries)
  add('replay <webhook> <delivery>').description('sends a delivery again, under the same id').action(replay)
  add('ping <webhook>').description('sends a message without a cause').action(ping)
  add('rotate <webhook>').description('makes another secret; the one before is good for a day more').action(rotate)
  add('disable <webhook>')
    .description('switches it off')
    .action((id: string, flags: Flags) => enable(id, flags, false))
  add('enable <webhook>')
    .description('switches it on again')
    .action((id: string, flags: Flags) => enable(id, flags, true))
  add('delete <webhook>').description('removes it, and what it was told').action(remove)
}

async function create(url: string, flags: CreateFlags): Promise<void> {
  const { description } = flags
  const body = { url, description, events: eventsOf(flags.events) }
  const made = await (await registryOfFlags(flags)).json(newWebhookAnswer, 'POST', pathOf(flags), { body })
  if (!flags.json) process.stderr.write(`webhook ${made.id}: ${made.events.join(', ')} to ${made.url}\n`)
  print(flags, made, `${made.secret}\n`)
}

async function list(flags: Flags): Promise<void> {
  const schema = z.object({ webhooks: z.array(webhookDescription) })
  const answer = await (await registryOfFlags(flags)).json(schema, 'GET', pathOf(flags))
  const lines = answer.webhooks.map(
    (webhook) => `${webhook.id}  ${stateOf(webhook)}  ${webhook.events.join(',')}  ${webhook.url}\n`,
  )
  print(flags, answer, lines.join(''))
}

async function deliveries(id: string, flags: Flags): Promise<void> {
  const schema = z.object({ deliveries: z.array(webhookDelivery) })
  const answer = await (await registryOfFlags(flags)).json(schema, 'GET', `${pathOf(flags, id)}/deliveries`)
  const lines = answer.deliveries.map(({ id: delivery, type, state, attempts, status, failure, createdAt }) => {
    const outcome = state === 'delivered' ? `status ${status}` : (failure ?? 'not sent yet')
    return `${delivery}  ${createdAt}  ${type}  ${state} after ${attempts}: ${outcome}\n`
  })
  print(flags, answer, lines.join(''))
}

async function replay(id: string, delivery: string, flags: Flags): Promise<void> {
  const path = `${pathOf(flags, id)}/deliveries/${encodeURIComponent(delivery)}/replay`
  const answer = await (await registryOfFlags(flags)).json(webhookDelivery, 'POST', path)
  print(flags, answer, `${delivery} is sent again\n`)
}

async function ping(id: string, flags: Flags): Promise<void> {
  const schema = z.object({ delivery: z.string() })
  const answer = await (await registryOfFlags(flags)).json(schema, 'POST', `${pathOf(flags, id)}/ping`)
  print(flags, answer, `${answer.delivery} is sent\n`)
}

async function rotate(id: string, flags: Flags): Promise<void> {
  const answer = await (await registryOfFlags(flags)).json(newWebhookAnswer, 'POST', `${pathOf(flags, id)}/rotate`)
  if (!flags.json) process.stderr.write(`messages bear both signatures until ${answer.formerSecretUntil}\n`)
  print(flags, answer, `${answer.secret}\n`)
}

async function enable(id: string, flags: Flags, enabled: boolean): Promise<void> {
  const body = { enabled }
  const answer = await (await registryOfFlags(flags)).json(webhookDescription, 'PATCH', pathOf(flags, id), { body })
  print(flags, answer, `${id} is ${stateOf(answer)}\n`)
}

async function remove(id: string, flags: Flags): Promise<void> {
  await (await registryOfFlags(flags)).send('DELETE', pathOf(flags, id))
  print(flags, { id, deleted: true }, `deleted ${id}\n`)
}

function stateOf({ disabledAt, disabledBecause, failingSince, waiting }: WebhookDescription): string {
  if (disabledAt !== null) return `disabled (${disabledBecause})`
  if (failingSince !== null) return `failing since ${failingSince}, ${waiting} waiting`
  return waiting === 0 ? 'up to date' : `${waiting} waiting`
}

function pathOf({ scope }: Flags, id?: string): string {
  if (scope !== undefined && !/^@[a-z0-9-]+$/.test(scope)) {
    throw new CommandError(`Cannot find the scope "${scope}": want one such as "@acme"`)
  }
  const all = scope === undefined ? '/webhooks' : `/scopes/${scope}/webhooks`
  return id === undefined ? all : `${all}/${encodeURIComponent(id)}`
}

function eventsOf(text: string): string[] {
  return text.split(',').map((each) => {
    const parsed = webhookEvent.safeParse(each.trim())
    if (parsed.success) return parsed.data
    throw new CommandError(`Cannot tell of "${each}": want ${webhookEvent.options.join(', ')}`)
  })
}
