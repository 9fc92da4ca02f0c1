import { parseModuleKey, webhookEvent, type WebhookEvent } from '@ingot/manifest'
import type { Transaction } from 'kysely'
import type { ScopeChange } from '../log/scope-leaf.ts'
import { isLifecycleType, readLifecycleLeaf } from '../log/lifecycle-leaf.ts'
import { moduleState } from '../log/module-state.ts'
import { capabilityDeltas } from '../log/project-index.ts'
import type { Schema } from '../storage/database/schema.ts'
import { addDelivery } from '../storage/meta/delivery-store.ts'
import { scopeOfEvent, type LogEvent, type LogStore } from '../storage/meta/log-store.ts'

/** What happened, as webhooks are told: what it was about and where to read the rest, and nothing that is large. */
interface Told {
  readonly types: readonly WebhookEvent[]
  readonly scope: string | undefined
  readonly isPublic: boolean
  readonly at: string
  readonly data: object
}

/**
 * Has an event of the log told to whoever has asked for it. A webhook of a scope is told of that scope; one of the registry
 * of what anyone may see, so that no private name leaves in it.
 */
export async function tellOfEvent(log: LogStore, event: LogEvent, transaction: Transaction<Schema>): Promise<void> {
  const scope = scopeOfEvent(event)
  const version = event.type === 'tag' ? undefined : parseModuleKey(event.subject)?.version
  const increase = event.type === 'publish' ? await capabilityIncrease(log, event, transaction) : []
  const types = [event.type, ...(increase.length > 0 ? ['capability_increase'] : [])]
  await tell(transaction, {
    types: types.flatMap((type) => webhookEvent.safeParse(type).data ?? []),
    scope,
    // What was private when it happened has a salt.
    isPublic: event.salt === null && (scope === undefined || (await isPublic(transaction, scope))),
    at: event.at,
    data: {
      seq: event.index + 1,
      subject: event.subject,
      ...(scope !== undefined && { scope }),
      ...(event.module !== null && { module: event.module }),
      ...(version !== undefined && { version }),
      ...(increase.length > 0 && { capabilityIncrease: increase }),
      ...factsOf(event),
    },
  })
}

/** Has those who decide about it told that a version waits; nobody else may know of it yet. */
export async function tellOfStage(
  transaction: Transaction<Schema>,
  stage: Pick<Schema['stages'], 'id' | 'module' | 'scope' | 'version' | 'sha512' | 'created_at'>,
): Promise<void> {
  const { id: stageId, module, scope, version, sha512, created_at: at } = stage
  const data = { stageId, subject: `${module}@${version}`, scope, module, version, sha512 }
  const hooks = await transaction
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('disabled_at', 'is', null)
    .where('scope', '=', scope)
    .execute()
  for (const { id, events } of hooks) {
    if (wants(events, 'stage')) await addDelivery(transaction, id, { type: 'stage', at, data })
  }
}

async function tell(transaction: Transaction<Schema>, { types, scope, isPublic: open, at, data }: Told): Promise<void> {
  const hooks = await transaction
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('disabled_at', 'is', null)
    .where((where) =>
      where.or([
        ...(scope === undefined ? [] : [where('scope', '=', scope)]),
        ...(open ? [where('scope', 'is', null)] : []),
      ]),
    )
    .orderBy('created_at')
    .execute()
  for (const { id, events } of hooks) {
    for (const type of types) if (wants(events, type)) await addDelivery(transaction, id, { type, at, data })
  }
}

function wants(events: string, type: WebhookEvent): boolean {
  return (JSON.parse(events) as string[]).includes(type)
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
