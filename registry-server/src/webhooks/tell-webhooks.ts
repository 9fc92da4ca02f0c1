import { parseModuleKey, webhookEvent } from '@ingot/manifest'
import type { Transaction } from 'kysely'
import type { ScopeChange } from '../log/scope-leaf.ts'
import { isLifecycleType, readLifecycleLeaf } from '../log/lifecycle-leaf.ts'
import { moduleState } from '../log/module-state.ts'
import { capabilityDeltas } from '../log/project-index.ts'
import type { Schema } from '../storage/database/schema.ts'
import { addDelivery, type Message } from '../storage/meta/delivery-store.ts'
import { scopeOfEvent, type LogEvent, type LogStore } from '../storage/meta/log-store.ts'

interface Listening {
  readonly id: string
  readonly wants: ReadonlySet<string>
}

/**
 * Has an event of the log told to whoever has asked for it. A webhook of a scope is told of that scope; one of the registry
 * of what anyone may see, so that no private name leaves in it.
 */
export async function tellOfEvent(log: LogStore, event: LogEvent, transaction: Transaction<Schema>): Promise<void> {
  const scope = scopeOfEvent(event)
  // What was private when it happened has a salt.
  const isOpen = event.salt === null && (scope === undefined || (await isPublic(transaction, scope)))
  const listening = await listeningTo(transaction, { scope, isOpen })
  // What there is to tell is looked up for somebody only: it takes the module's whole history.
  if (listening.length === 0) return
  const version = event.type === 'tag' ? undefined : parseModuleKey(event.subject)?.version
  const increase = event.type === 'publish' ? await capabilityIncrease(log, event, transaction) : []
  const data = {
    seq: event.index + 1,
    subject: event.subject,
    ...(scope !== undefined && { scope }),
    ...(event.module !== null && { module: event.module }),
    ...(version !== undefined && { version }),
    ...(increase.length > 0 && { capabilityIncrease: increase }),
    ...factsOf(event),
  }
  const types = [event.type, ...(increase.length > 0 ? ['capability_increase'] : [])]
  for (const type of types) {
    if (webhookEvent.safeParse(type).success) await tell(transaction, listening, { type, at: event.at, data })
  }
}

/** Has those who decide about it told that a version waits; nobody else may know of it yet. */
export async function tellOfStage(
  transaction: Transaction<Schema>,
  stage: Pick<Schema['stages'], 'id' | 'module' | 'scope' | 'version' | 'sha512' | 'created_at'>,
): Promise<void> {
  const { id: stageId, module, scope, version, sha512, created_at: at } = stage
  const data = { stageId, subject: `${module}@${version}`, scope, module, version, sha512 }
  await tell(transaction, await listeningTo(transaction, { scope, isOpen: false }), { type: 'stage', at, data })
}

async function tell(
  transaction: Transaction<Schema>,
  listening: readonly Listening[],
  message: Message,
): Promise<void> {
  for (const { id, wants } of listening) if (wants.has(message.type)) await addDelivery(transaction, id, message)
}

/** The webhooks of a scope, and with `isOpen` those of the registry, in the order in which they were made. */
async function listeningTo(
  transaction: Transaction<Schema>,
  { scope, isOpen }: { readonly scope: string | undefined; readonly isOpen: boolean },
): Promise<Listening[]> {
  const hooks = await transaction
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('disabled_at', 'is', null)
    .where((where) =>
      where.or([
        ...(scope === undefined ? [] : [where('scope', '=', scope)]),
        ...(isOpen ? [where('scope', 'is', null)] : []),
      ]),
    )
    .orderBy('created_at')
    .execute()
  return hooks.map(({ id, events }) => ({ id, wants: new Set(JSON.parse(events) as string[]) }))
}

async function isPublic(transaction: Transaction<Schema>, scope: string): Promise<boolean> {
  const row = await transaction.selectFrom('scopes').select('visibility').where('name', '=', scope).executeTakeFirst()
  return row?.visibility !== 'private'
}

async function capabilityIncrease(
  log: LogStore,
  { module, subject }: LogEvent,
  transaction: Transaction<Schema>,
): Promise<string[]> {
  const { versions } = moduleState(await log.eventsOf(module!, { reader: transaction }))
  const delta = capabilityDeltas(versions).get(parseModuleKey(subject)!.version)
  return [...(delta?.added ?? []), ...(delta?.widened ?? []).map(({ to }) => to)]
}

/** What a change of a module says of itself. */
function factsOf({ type, leaf }: LogEvent): object {
  if (type === 'proof') return proofFacts(leaf)
  if (!isLifecycleType(type)) return {}
  const { change } = readLifecycleLeaf(leaf)
  if (change.type === 'tag') return { tag: change.tag, version: change.version }
  if (change.type === 'deprecate') return { message: change.message, successor: change.successor }
  return { reason: change.reason }
}

function proofFacts(leaf: string): object {
  const { change } = JSON.parse(leaf) as { change: ScopeChange & { type: 'proof' } }
  const { kind, value, state } = change
  return { kind, value, state }
}
