import type { Kysely, Transaction } from 'kysely'
import { hashLeaf, hashNodes } from '../../log/tree-hash.ts'
import { consistencyRanges, inclusionRanges, nodesOf, type Node, type Range } from '../../log/tree-ranges.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { takeLock } from '../database/take-lock.ts'

/** What may change about a registry (registry.md §2.4). */
export type LogEventType =
  | 'publish'
  | 'yank'
  | 'unyank'
  | 'deprecate'
  | 'tag'
  | 'owner'
  | 'policy'
  | 'quarantine'
  | 'release'
  | 'tombstone'
  | 'key'

export interface NewLogEvent {
  readonly type: LogEventType
  /** `@acme/redact@1.0.0`, `@acme/redact`, `@acme`, … */
  readonly subject: string
  /** The module whose index it changes, where it is about one. */
  readonly module: string | null
  readonly at: string
  /** Canonical JSON; its UTF-8 bytes are the leaf. */
  readonly leaf: string
}

export interface LogEvent extends NewLogEvent {
  readonly index: number
}

/** A log of a certain size, and what places one leaf in it. Hashes are base64. */
export interface LogPlace {
  readonly index: number
  readonly size: number
  readonly root: string
  readonly proof: readonly string[]
}

type Reader = Kysely<Schema> | Transaction<Schema>

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
    await transaction
      .insertInto('log_leaves')
      .values({ idx: index, ...event })
      .execute()
    const size = index + 1
    // A leaf completes one subtree for each zero that its index ends with in ones.
    const left = nodesOf({ start: 0, end: index }).reverse()
    const before = await this.#hashes(transaction, left)
    const nodes = [{ level: 0, idx: index, hash: hashLeaf(Buffer.from(event.leaf)) }]
    for (const sibling of left) {
      const below = nodes.at(-1)!
      if (sibling.level !== below.level) break
      const hash = hashNodes(before.get(keyOf(sibling))!, below.hash)
      nodes.push({ level: below.level + 1, idx: sibling.idx / 2, hash })
    }
    await transaction.insertInto('log_nodes').values(nodes).execute()
    const [root] = await this.#ranges(transaction, [{ start: 0, end: size }])
    return { index, size, root: root!, proof: await this.#ranges(transaction, inclusionRanges(index, size)) }
  }

  async size(reader: Reader = this.#database.read): Promise<number> {
    const last = await reader.selectFrom('log_leaves').select('idx').orderBy('idx', 'desc').limit(1).executeTakeFirst()
    return last ? last.idx + 1 : 0
  }

  /** The root of the first `size` leaves, of which there must be one. */
  async root(size: number): Promise<string> {
    const [root] = await this.#ranges(this.#database.read, [{ start: 0, end: size }])
    return root!
  }

  /** Proves that a leaf is in the log of the first `size`. */
  inclusion(index: number, size: number): Promise<string[]> {
    return this.#ranges(this.#database.read, inclusionRanges(index, size))
  }

  /** Proves that the log of `from` leaves is the beginning of that of `to`. */
  consistency(from: number, to: number): Promise<string[]> {
    return this.#ranges(this.#database.read, consistencyRanges(from, to))
  }

  /** Hashes of `count` nodes of a level side by side; fewer where the log ends. */
  async row(level: number, from: number, count: number): Promise<string[]> {
    const rows = await this.#database.read
      .selectFrom('log_nodes')
      .select('hash')
      .where('level', '=', level)
      .where('idx', '>=', from)
      .where('idx', '<', from + count)
      .orderBy('idx')
      .execute()
    return rows.map(({ hash }) => hash)
  }

  /** Events from an index on, in order and without gaps. */
  async events(from: number, limit: number): Promise<LogEvent[]> {
    const rows = await this.#select().where('idx', '>=', from).limit(limit).execute()
    return rows.map(logEvent)
  }

  /** All that has ever changed about a module's index. */
  async eventsOf(module: string): Promise<LogEvent[]> {
    return (await this.#select().where('module', '=', module).execute()).map(logEvent)
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

  #select() {
    return this.#database.read.selectFrom('log_leaves').selectAll().orderBy('idx')
  }

  async #ranges(reader: Reader, ranges: readonly Range[]): Promise<string[]> {
    const hashes = await this.#hashes(reader, ranges.flatMap(nodesOf))
    return ranges.map((range) =>
      nodesOf(range)
        .map((node) => hashes.get(keyOf(node))!)
        .reduceRight((right, left) => hashNodes(left, right)),
    )
  }

  async #hashes(reader: Reader, nodes: readonly Node[]): Promise<ReadonlyMap<string, string>> {
    if (nodes.length === 0) return new Map()
    const rows = await reader
      .selectFrom('log_nodes')
      .selectAll()
      .where((where) => where.or(nodes.map(({ level, idx }) => where.and({ level, idx }))))
      .execute()
    return new Map(rows.map((row) => [keyOf(row), row.hash]))
  }
}

function keyOf({ level, idx }: Node): string {
  return `${level}/${idx}`
}

function logEvent({ idx, type, ...rest }: Schema['log_leaves']): LogEvent {
  return { index: idx, type: type as LogEventType, ...rest }
}
