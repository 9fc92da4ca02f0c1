import { randomUUID } from 'node:crypto'
import { moduleKey, scopeOf, type StageReason } from '@ingot/manifest'
import type { PublishPredicate } from '@ingot/trust'
import type { Selectable, SelectQueryBuilder, Transaction } from 'kysely'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import { tellOfStage } from '../../webhooks/tell-webhooks.ts'
import type { LogStore } from './log-store.ts'

/** Nobody has looked at it for so long that nobody will. */
const stageLifetimeMs = 14 * 24 * 3_600_000

/** Stages that are listed at once, of a scope or of those that are approved: more than people decide about. */
const listedMax = 200

type StageQuery = SelectQueryBuilder<Schema, 'stages', Selectable<Schema['stages']>>

export interface Approval {
  readonly userId: string
  readonly user: string
  readonly method: string
  readonly staff: boolean
  readonly at: string
}

export interface StageRecord {
  readonly id: string
  readonly module: string
  readonly version: string
  readonly sha512: string
  readonly sizeBytes: number
  readonly reasons: readonly StageReason[]
  readonly publisher: PublishPredicate['publisher']
  readonly uploader: string
  readonly userId: string | null
  readonly createdAt: string
  readonly expiresAt: string
  readonly state: 'open' | 'published' | 'rejected' | 'expired'
  readonly approvals: readonly Approval[]
}

export interface NewStage {
  readonly module: string
  readonly version: string
  readonly sha512: string
  readonly sizeBytes: number
  readonly reasons: readonly StageReason[]
  readonly publisher: PublishPredicate['publisher']
  readonly userId: string | undefined
}

/** Versions that wait for people. */
export class StageStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** The same bytes that wait already are one stage: an upload may be repeated. */
  add(stage: NewStage, author: Author, now: Date): Promise<StageRecord> {
    return this.#log.write(async (transaction) => {
      const waiting = await transaction
        .selectFrom('stages')
        .selectAll()
        .where('module', '=', stage.module)
        .where('sha512', '=', stage.sha512)
        .where('state', '=', 'open')
        .executeTakeFirst()
      if (waiting) return withApprovals(transaction, waiting)
      const at = now.toISOString()
      const row = {
        id: randomUUID(),
        module: stage.module,
        scope: scopeOf(stage.module),
        version: stage.version,
        sha512: stage.sha512,
        size_bytes: stage.sizeBytes,
        reasons: JSON.stringify(stage.reasons),
        publisher: JSON.stringify(stage.publisher),
        uploader: author.actor,
        user_id: stage.userId ?? null,
        created_at: at,
        expires_at: new Date(now.getTime() + stageLifetimeMs).toISOString(),
        state: 'open',
      }
      await transaction.insertInto('stages').values(row).execute()
      await audit(transaction, row, { ...author, at, action: 'stage' }, { reasons: stage.reasons })
      await tellOfStage(transaction, row)
      return stageRecord(row, [])
    })
  }

  async find(id: string): Promise<StageRecord | undefined> {
    const row = await this.#database.read.selectFrom('stages').selectAll().where('id', '=', id).executeTakeFirst()
    return row && withApprovals(this.#database.read, row)
  }

  /** Those of a scope that wait, the oldest first. */
  open(scope: string): Promise<StageRecord[]> {
    return this.#waiting((stages) => stages.where('scope', '=', scope))
  }

  /** Those of all scopes that wait, the oldest first. */
  waiting(): Promise<StageRecord[]> {
    return this.#waiting((stages) => stages)
  }

  /** Those that wait although somebody has approved them, the oldest first. */
  approved(): Promise<StageRecord[]> {
    return this.#waiting((stages) =>
      stages.where('id', 'in', (from) => from.selectFrom('stage_approvals').select('stage_id')),
    )
  }

  async #waiting(among: (stages: StageQuery) => StageQuery): Promise<StageRecord[]> {
    const stagesOf = this.#database.read.selectFrom('stages').selectAll().where('state', '=', 'open')
    const rows = await among(stagesOf).orderBy('created_at').limit(listedMax).execute()
    const stages: StageRecord[] = []
    for (const row of rows) stages.push(await withApprovals(this.#database.read, row))
    return stages
  }

  /** Whether some stage that waits has these bytes. */
  async holdsBlob(sha512: string): Promise<boolean> {
    const row = await this.#database.read
      .selectFrom('stages')
      .select('id')
      .where('sha512', '=', sha512)
      .where('state', '=', 'open')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Notes an approval; one person approves once. Resolves to the stage as it is then. */
  approve(id: string, approval: Approval, author: Author): Promise<StageRecord> {
    return this.#log.write(async (transaction) => {
      const row = await transaction.selectFrom('stages').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      const { userId, user, method, staff, at } = approval
      const added = await transaction
        .insertInto('stage_approvals')
        .values({ stage_id: id, user_id: userId, user_name: user, method, staff: Number(staff), at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (added.numInsertedOrUpdatedRows !== 0n) {
        await audit(transaction, row, { ...author, at, action: 'stage.approve' })
      }
      return withApprovals(transaction, row)
    })
  }

  /** Resolves to whether it was waiting. */
  reject(id: string, author: Author, at: string): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const row = await transaction.selectFrom('stages').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row || !(await this.close(transaction, id, 'rejected'))) return false
      await audit(transaction, row, { ...author, at, action: 'stage.reject' })
      return true
    })
  }

  /** Part of the transaction that publishes it, or decides otherwise. Resolves to whether it was waiting. */
  async close(transaction: Transaction<Schema>, id: string, state: StageRecord['state']): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('stages')
      .set({ state })
      .where('id', '=', id)
      .where('state', '=', 'open')
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Its bytes are published. */
  async settle(id: string): Promise<void> {
    await this.#database.write((transaction) => this.close(transaction, id, 'published'))
  }

  async expire(now: Date): Promise<void> {
    await this.#database.write((transaction) =>
      transaction
        .updateTable('stages')
        .set({ state: 'expired' })
        .where('state', '=', 'open')
        .where('expires_at', '<=', now.toISOString())
        .execute(),
    )
  }
}

async function audit(
  transaction: Transaction<Schema>,
  row: Pick<Schema['stages'], 'module' | 'version' | 'sha512'>,
  entry: Author & { readonly at: string; readonly action: string },
  after: object = {},
): Promise<void> {
  const subject = moduleKey(row.module, row.version)
  await appendAudit(transaction, { ...entry, subject, after: JSON.stringify({ sha512: row.sha512, ...after }) })
}

async function withApprovals(reader: Reader, row: Selectable<Schema['stages']>): Promise<StageRecord> {
  const approvals = await reader
    .selectFrom('stage_approvals')
    .selectAll()
    .where('stage_id', '=', row.id)
    .orderBy('at')
    .execute()
  return stageRecord(row, approvals)
}

function stageRecord(
  row: Selectable<Schema['stages']>,
  approvals: readonly Selectable<Schema['stage_approvals']>[],
): StageRecord {
  return {
    id: row.id,
    module: row.module,
    version: row.version,
    sha512: row.sha512,
    sizeBytes: row.size_bytes,
    reasons: JSON.parse(row.reasons) as StageReason[],
    publisher: JSON.parse(row.publisher) as StageRecord['publisher'],
    uploader: row.uploader,
    userId: row.user_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state as StageRecord['state'],
    approvals: approvals.map(({ user_id, user_name, method, staff, at }) => ({
      userId: user_id,
      user: user_name,
      method,
      staff: staff === 1,
      at,
    })),
  }
}
