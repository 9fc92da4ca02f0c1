import type { Transaction } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'

/** What fetched: what calls itself a mirror serves many, what runs in CI fetches the same again and again. */
export const downloadClasses = ['direct', 'ci', 'mirror'] as const
export type DownloadClass = (typeof downloadClasses)[number]

export interface DownloadCount {
  readonly logIndex: number
  /** `2026-11-02T10`. */
  readonly hour: string
  readonly class: DownloadClass
  readonly count: number
}

export interface ModuleDownloads {
  readonly name: string
  readonly count: number
}

export interface DailyDownloads {
  readonly version: string
  /** `2026-11-02`. */
  readonly day: string
  readonly class: DownloadClass
  readonly count: number
}

const hourDigits = '2026-11-02T10'.length
const dayDigits = '2026-11-02'.length
/** Hours that are kept apart; what is older becomes a day. */
const hoursKeptMs = 48 * 3_600_000
/** Hours that become days in one transaction. */
const rollUpRows = 2_000

/** How often versions were downloaded. It has no addresses, only numbers. */
export class DownloadStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add(counts: readonly DownloadCount[]): Promise<void> {
    if (counts.length > 0) await this.#database.write((transaction) => addHours(transaction, counts))
  }

  /** Counts what a log tells, once: a log that was counted before counts nothing. */
  async import(sha256: string, counts: readonly DownloadCount[], at: Date): Promise<boolean> {
    const counted = counts.reduce((sum, { count }) => sum + count, 0)
    return this.#database.write(async (transaction) => {
      const added = await transaction
        .insertInto('download_imports')
        .values({ sha256, at: at.toISOString(), counted })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (added.numInsertedOrUpdatedRows === 0n) return false
      await addHours(transaction, counts)
      return true
    })
  }

  async ofVersion(logIndex: number): Promise<number> {
    let total = 0
    for (const table of ['downloads_hourly', 'downloads_daily'] as const) {
      const { sum } = await this.#database.read
        .selectFrom(table)
        .select(({ fn }) => fn.sum<number | string | null>('count').as('sum'))
        .where('log_index', '=', logIndex)
        .executeTakeFirstOrThrow()
      total += Number(sum ?? 0)
    }
    return total
  }

  /** By day and version, from one day to another, both included. */
  async ofModule(module: string, { from, to }: { from: string; to: string }): Promise<DailyDownloads[]> {
    const versions = await this.#database.read
      .selectFrom('versions')
      .innerJoin('modules', 'modules.id', 'module_id')
      .select(['log_index', 'version'])
      .where('name', '=', module)
      .execute()
    const names = new Map(versions.map(({ log_index, version }) => [log_index, version]))
    const days = new Map<string, DailyDownloads>()
    const count = (rows: readonly { log_index: number; time: string; class: string; count: number }[]): void => {
      for (const row of rows) {
        const day = row.time.slice(0, dayDigits)
        const version = names.get(row.log_index)!
        const key = `${day} ${version} ${row.class}`
        const before = days.get(key)?.count ?? 0
        days.set(key, { version, day, class: row.class as DownloadClass, count: before + row.count })
      }
    }
    const indexes = versions.map(({ log_index }) => log_index)
    // SQLite and PostgreSQL bound the parameters of a statement.
    for (let at = 0; at < indexes.length; at += 500) {
      const some = indexes.slice(at, at + 500)
      const hourly = this.#database.read
        .selectFrom('downloads_hourly')
        .select(['log_index', 'hour as time', 'class', 'count'])
        .where('log_index', 'in', some)
      count(await hourly.where('hour', '>=', from).where('hour', '<=', `${to}T99`).execute())
      const daily = this.#database.read
        .selectFrom('downloads_daily')
        .select(['log_index', 'day as time', 'class', 'count'])
        .where('log_index', 'in', some)
      count(await daily.where('day', '>=', from).where('day', '<=', to).execute())
    }
    return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))
  }

  /** The public modules that were downloaded most since a day. */
  async mostUsed(since: string, limit: number): Promise<ModuleDownloads[]> {
    const { read } = this.#database
    const hourly = read.selectFrom('downloads_hourly').select(['log_index', 'count']).where('hour', '>=', since)
    const daily = read.selectFrom('downloads_daily').select(['log_index', 'count']).where('day', '>=', since)
    const rows = await read
      .selectFrom(hourly.unionAll(daily).as('downloads'))
      .innerJoin('versions', 'versions.log_index', 'downloads.log_index')
      .innerJoin('modules', 'modules.id', 'module_id')
      .select(({ fn }) => ['name', fn.sum<number | string>('count').as('total')])
      .where('modules.scope', 'not in', (from) =>
        from.selectFrom('scopes').select('scopes.name').where('visibility', '=', 'private'),
      )
      .groupBy('modules.name')
      .orderBy('total', 'desc')
      .orderBy('modules.name')
      .limit(limit)
      .execute()
    return rows.map(({ name, total }) => ({ name, count: Number(total) }))
  }

  /** Makes days of old hours; resolves when there are none left. */
  async rollUp(now: Date): Promise<void> {
    const before = new Date(now.getTime() - hoursKeptMs).toISOString().slice(0, hourDigits)
    while (await this.#database.write((transaction) => rollUpSome(transaction, before)));
  }
}

async function rollUpSome(transaction: Transaction<Schema>, before: string): Promise<boolean> {
  const rows = await transaction
    .selectFrom('downloads_hourly')
    .selectAll()
    .where('hour', '<', before)
    .orderBy('hour')
    .limit(rollUpRows)
    .execute()
  for (const { log_index, hour, class: kind, count } of rows) {
    await transaction
      .deleteFrom('downloads_hourly')
      .where('log_index', '=', log_index)
      .where('hour', '=', hour)
      .where('class', '=', kind)
      .execute()
    await transaction
      .insertInto('downloads_daily')
      .values({ log_index, day: hour.slice(0, dayDigits), class: kind, count })
      .onConflict((conflict) =>
        conflict
          .columns(['log_index', 'day', 'class'])
          .doUpdateSet(({ eb, ref }) => ({ count: eb(ref('downloads_daily.count'), '+', count) })),
      )
      .execute()
  }
  return rows.length === rollUpRows
}

async function addHours(transaction: Transaction<Schema>, counts: readonly DownloadCount[]): Promise<void> {
  for (const { logIndex, hour, class: kind, count } of counts) {
    await transaction
      .insertInto('downloads_hourly')
      .values({ log_index: logIndex, hour, class: kind, count })
      .onConflict((conflict) =>
        conflict
          .columns(['log_index', 'hour', 'class'])
          .doUpdateSet(({ eb, ref }) => ({ count: eb(ref('downloads_hourly.count'), '+', count) })),
      )
      .execute()
  }
}
