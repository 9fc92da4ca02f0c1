import type { Transaction } from 'kysely'
import type { LifecycleLeaf } from '../../log/lifecycle-leaf.ts'
import { lifecycleLeafText } from '../../log/lifecycle-leaf.ts'
import { moduleState, type LogLeaf, type ModuleState, type VersionState } from '../../log/module-state.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'
import { addToOutbox, type OutboxTopic } from './outbox-store.ts'

/** Agreements that are older than this do not count: those who gave them may have thought of something else. */
const consentMs = 7 * 24 * 3_600_000

/** What several people must agree to. */
export type ConsentAction = 'quarantine' | 'tombstone'

/** What happens to modules after a publish: each change is an event of the log, and everything else is made from it. */
export class LifecycleStore {
  readonly #log: LogStore

  constructor(log: LogStore) {
    this.#log = log
  }

  /** What a module is now. */
  async state(module: string): Promise<ModuleState> {
    return moduleState(await this.#log.eventsOf(module))
  }

  /**
   * Appends what `decide` makes of a module's state, which nobody else changes meanwhile; nothing where it makes nothing
   * of it. What it throws leaves no trace. Resolves to the event's place in the log.
   */
  record(
    module: string,
    author: Author,
    decide: (state: ModuleState, transaction: Transaction<Schema>) => Promise<LifecycleLeaf | undefined>,
  ): Promise<number | undefined> {
    return this.#log.write(async (transaction) => {
      const leaves: LogLeaf[] = await this.#log.eventsOf(module, { reader: transaction })
      const before = moduleState(leaves)
      const leaf = await decide(before, transaction)
      if (!leaf) return undefined
      const { change, at } = leaf
      const version = 'version' in change && change.type !== 'tag' ? change.version : null
      const subject = version === null ? module : `${module}@${version}`
      const text = lifecycleLeafText(leaf)
      const { index } = await this.#log.append(transaction, { type: change.type, subject, module, at, leaf: text })
      const after = moduleState([...leaves, { index, type: change.type, leaf: text }])
      await writeModule(transaction, module, after)
      if (version !== null) await writeVersion(transaction, versionIn(after, version)!)
      if (change.type === 'tombstone') await forgetContent(transaction, versionIn(after, version!)!.log)
      await addToOutbox(transaction, topicsOf(change.type), index, at)
      const facts = { before: factsOf(before, version), after: factsOf(after, version) }
      await appendAudit(transaction, { ...author, at, action: change.type, subject, ...facts })
      return index
    })
  }

  /** Notes that somebody agrees to an action, and resolves to all who do. */
  async consent(
    transaction: Transaction<Schema>,
    { action, subject, author, at }: { action: ConsentAction; subject: string; author: Author; at: Date },
  ): Promise<string[]> {
    const since = new Date(at.getTime() - consentMs).toISOString()
    await transaction.deleteFrom('consents').where('at', '<', since).execute()
    const row = { action, subject, actor: author.actor, at: at.toISOString() }
    await transaction
      .insertInto('consents')
      .values(row)
      .onConflict((conflict) => conflict.columns(['action', 'subject', 'actor']).doUpdateSet({ at: row.at }))
      .execute()
    const agreed = await transaction
      .selectFrom('consents')
      .select('actor')
      .where('action', '=', action)
      .where('subject', '=', subject)
      .orderBy('actor')
      .execute()
    return agreed.map(({ actor }) => actor)
  }

  async forgetConsents(transaction: Transaction<Schema>, action: ConsentAction, subject: string): Promise<void> {
    await transaction.deleteFrom('consents').where('action', '=', action).where('subject', '=', subject).execute()
  }
}

export function versionIn({ versions }: ModuleState, version: string): VersionState | undefined {
  return versions.find((known) => known.version === version)
}

function topicsOf(type: string): OutboxTopic[] {
  return type === 'tombstone' ? ['search', 'erase'] : ['search']
}

async function writeModule(transaction: Transaction<Schema>, module: string, state: ModuleState): Promise<void> {
  await transaction
    .updateTable('modules')
    .set({ tags: JSON.stringify(state.tags), deprecated: state.deprecated, successor: state.successor })
    .where('name', '=', module)
    .execute()
}

async function writeVersion(transaction: Transaction<Schema>, state: VersionState): Promise<void> {
  const { status, reason, deprecated, successor, yankedAt } = state
  await transaction
    .updateTable('versions')
    .set({ status, reason, deprecated, successor, yanked_at: yankedAt })
    .where('log_index', '=', state.log)
    .execute()
}

/** What the module's author wrote goes with its bytes; what the log says of it stays. */
async function forgetContent(transaction: Transaction<Schema>, logIndex: number): Promise<void> {
  const { manifest } = await transaction
    .selectFrom('versions')
    .select('manifest')
    .where('log_index', '=', logIndex)
    .executeTakeFirstOrThrow()
  const { components, source: _, ...kept } = JSON.parse(manifest) as { components: object[]; source?: string }
  const bare = components.map((component) => ({ ...component, summary: '', docs: '', arguments: {}, exports: {} }))
  await transaction
    .updateTable('versions')
    .set({ readme: null, manifest: JSON.stringify({ ...kept, description: '', components: bare }) })
    .where('log_index', '=', logIndex)
    .execute()
  await transaction.deleteFrom('version_files').where('log_index', '=', logIndex).execute()
}

/** What an event may change, as the audit trail keeps it. */
function factsOf(state: ModuleState, version: string | null): string {
  const { tags, deprecated, successor } = state
  const found = version === null ? undefined : versionIn(state, version)
  if (!found) return JSON.stringify({ tags, deprecated, successor })
  const { status, reason, yankedAt } = found
  return JSON.stringify({ status, reason, deprecated: found.deprecated, successor: found.successor, yankedAt })
}
