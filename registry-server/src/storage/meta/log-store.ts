import {
  hashLeaf,
  hashNodes,
  leafBytes,
  newLeafSalt,
  nodesOf,
  proveConsistency,
  proveInclusion,
  treeRoot,
  type NodeReader,
  type TreeHead,
  type TreeNode,
} from '@ingot/trust'
import type { Transaction } from 'kysely'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { takeLock } from '../database/take-lock.ts'
import { addToOutbox } from './outbox-store.ts'

/** What may change about a registry (registry.md §2.4). */
export type LogEventType =
  | 'publish'
  | 'yank'
  | 'unyank'
  | 'deprecate'
  | 'tag'
  | 'owner'
  | 'policy'
  | 'proof'
  | 'quarantine'
  | 'release'
  | 'tombstone'
  | 'advisory'
  | 'key'

export interface NewLogEvent {
  readonly type: LogEventType
  /** `@acme/redact@1.0.0`, `@acme/redact`, `@acme`, … */
  readonly subject: string
  /** The module whose index it changes, where it is about one. */
  readonly module: string | null
  readonly at: string
  /** Canonical JSON; its UTF-8 bytes are the leaf, or what the leaf is a commitment to. */
  readonly leaf: string
}

export interface LogEvent extends NewLogEvent {
  readonly index: number
  /** Of what is private: everybody sees a commitment alone (`leafBytes`). */
  readonly salt: string | null
}

/** The log just after a leaf, and what proves that the leaf is in it. */
export interface LogPlace {
  readonly index: number
  readonly salt: string | null
  readonly head: TreeHead
  readonly proof: readonly Uint8Array[]
}

/**
 * The log: an append-only Merkle tree (RFC 6962) over everything that changes. A leaf is appended in the transaction
 * that makes the change, so neither is ever there without the other.
 */
export class LogStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * A transaction that may append: it is alone, from here to its commit, so that indexes have no gaps, and whoever sees
   * one event sees all before it.
   */
  write<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#database.write(async (transaction) => {
      await takeLock(this.#database.dialect, transaction, 'log')
      return work(transaction)
    })
  }

  /** Appends within a transaction of {@link LogStore.write}. */
  async append(transaction: Transaction<Schema>, event: NewLogEvent): Promise<LogPlace> {
    const index = await this.size(transaction)
    const salt = (await isPrivate(transaction, event)) ? newLeafSalt() : null
    await transaction
      .insertInto('log_leaves')
      .values({ idx: index, ...event, salt })
      .execute()
    const size = index + 1
    const read = nodeReader(transaction)
    // A leaf completes one subtree for each one that its index ends with in binary.
    const left = nodesOf({ start: 0, end: index }).reverse()
    const before = await read(left)
    const nodes = [{ level: 0, idx: index, hash: hashLeaf(publicLeaf({ ...event, salt })) }]
    for (const [place, sibling] of left.entries()) {
      const below = nodes.at(-1)!
      if (sibling.level !== below.level) break
      nodes.push({ level: below.level + 1, idx: sibling.index / 2, hash: hashNodes(before[place]!, below.hash) })
    }
    const rows = nodes.map((node) => ({ ...node, hash: base64(node.hash) }))
    await transaction.insertInto('log_nodes').values(rows).execute()
    if (await hasWebhooks(transaction)) await addToOutbox(transaction, ['webhook'], index, event.at)
    return {
      index,
      salt,
      head: { size, root: await treeRoot(size, read) },
      proof: await proveInclusion(index, size, read),
    }
  }

  async size(reader: Reader = this.#database.read): Promise<number> {
    const last = await reader.selectFrom('log_leaves').select('idx').orderBy('idx', 'desc').limit(1).executeTakeFirst()
    return last ? last.idx + 1 : 0
  }

  async head(size: number): Promise<TreeHead> {
    return { size, root: await treeRoot(size, nodeReader(this.#database.read)) }
  }

  /** Proves that a leaf is in the log of the first `size`. */
  inclusion(index: number, size: number): Promise<Uint8Array[]> {
    return proveInclusion(index, size, nodeReader(this.#database.read))
  }

  /** Proves that the log of `from` leaves is the beginning of that of `to`. */
  consistency(from: number, to: number): Promise<Uint8Array[]> {
    return proveConsistency(from, to, nodeReader(this.#database.read))
  }

  /** Hashes of `count` nodes of a level side by side; fewer where the log ends. */
  async row(level: number, from: number, count: number): Promise<Uint8Array[]> {
    const rows = await this.#database.read
      .selectFrom('log_nodes')
      .select('hash')
      .where('level', '=', level)
      .where('idx', '>=', from)
      .where('idx', '<', from + count)
      .orderBy('idx')
      .execute()
    return rows.map(({ hash }) => Buffer.from(hash, 'base64'))
  }

  /** Events from an index on, in order and without gaps. */
  async events(from: number, limit: number): Promise<LogEvent[]> {
    const rows = await this.#select().where('idx', '>=', from).limit(limit).execute()
    return rows.map(logEvent)
  }

  /** One that there is. */
  async event(index: number, reader: Reader): Promise<LogEvent> {
    return logEvent(await this.#select(reader).where('idx', '=', index).executeTakeFirstOrThrow())
  }

  /** Events before an index, the newest first. */
  async latest(before: number, limit: number): Promise<LogEvent[]> {
    const rows = await this.#select()
      .clearOrderBy()
      .where('idx', '<', before)
      .orderBy('idx', 'desc')
      .limit(limit)
      .execute()
    return rows.map(logEvent)
  }

  /** All that has ever changed about a module's index, or a part of it. */
  async eventsOf(
    module: string,
    { reader, after = -1, limit }: { reader?: Reader; after?: number; limit?: number } = {},
  ): Promise<LogEvent[]> {
    const all = this.#select(reader).where('module', '=', module).where('idx', '>', after)
    return (await (limit === undefined ? all : all.limit(limit)).execute()).map(logEvent)
  }

  /** The last events, the newest first: of a module, of a scope's modules, of a type, or all that are about modules. */
  async newest(limit: number, of: { scope?: string; module?: string; type?: LogEventType } = {}): Promise<LogEvent[]> {
    let query = this.#select().clearOrderBy().orderBy('idx', 'desc').where('module', 'is not', null).limit(limit)
    if (of.module !== undefined) query = query.where('module', '=', of.module)
    if (of.scope !== undefined) query = query.where('module', 'like', `${of.scope}/%`)
    if (of.type !== undefined) query = query.where('type', '=', of.type)
    return (await query.execute()).map(logEvent)
  }

  /** The index of the last event of a module; `undefined` when there was none. */
  async lastOf(module: string): Promise<number | undefined> {
    const last = await this.#select()
      .clearOrderBy()
      .where('module', '=', module)
      .orderBy('idx', 'desc')
      .limit(1)
      .executeTakeFirst()
    return last?.idx
  }

  #select(reader: Reader = this.#database.read) {
    return reader.selectFrom('log_leaves').selectAll().orderBy('idx')
  }
}

/** The bytes of a leaf, as the log has them for everybody. */
export function publicLeaf({ leaf, salt }: Pick<LogEvent, 'leaf' | 'salt'>): Uint8Array {
  return leafBytes(Buffer.from(leaf), salt)
}

/** Whether an event is about a scope that is private just after it. */
async function isPrivate(transaction: Transaction<Schema>, { module, subject }: NewLogEvent): Promise<boolean> {
  const scope = scopeOfEvent({ module, subject })
  if (scope === undefined) return false
  const found = await transaction.selectFrom('scopes').select('visibility').where('name', '=', scope).executeTakeFirst()
  return found?.visibility === 'private'
}

/** `@acme` of whatever an event is about; nothing where it is about no scope. */
export function scopeOfEvent({ module, subject }: Pick<LogEvent, 'module' | 'subject'>): string | undefined {
  return /^@[a-z0-9-]+/.exec(module ?? subject)?.[0]
}

async function hasWebhooks(transaction: Transaction<Schema>): Promise<boolean> {
  const hooks = transaction.selectFrom('webhooks').select('id').where('disabled_at', 'is', null).limit(1)
  return (await hooks.executeTakeFirst()) !== undefined
}

/** All nodes of a proof in one query. */
function nodeReader(reader: Reader): NodeReader {
  const keyOf = ({ level, index }: TreeNode): string => `${level}/${index}`
  return async (nodes) => {
    if (nodes.length === 0) return []
    const rows = await reader
      .selectFrom('log_nodes')
      .selectAll()
      .where((where) => where.or(nodes.map(({ level, index }) => where.and({ level, idx: index }))))
      .execute()
    const hashes = new Map(rows.map(({ level, idx, hash }) => [keyOf({ level, index: idx }), hash]))
    return nodes.map((node) => Buffer.from(hashes.get(keyOf(node))!, 'base64'))
  }
}

function base64(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64')
}

function logEvent({ idx, type, ...rest }: Schema['log_leaves']): LogEvent {
  return { index: idx, type: type as LogEventType, ...rest }
}
