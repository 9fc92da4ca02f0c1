import { randomBytes, randomUUID } from 'node:crypto'
import type { ScopeProof } from '@ingot/manifest'
import type { Selectable, Transaction } from 'kysely'
import { scopeLeafText } from '../../log/scope-leaf.ts'
import type { Claim, ProofKind } from '../../proofs/claim.ts'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit } from './append-audit.ts'
import type { LogStore } from './log-store.ts'
import type { ScopeAuthor } from './scope-store.ts'

/** Of one scope: each is looked for every day. */
const proofsMax = 20
const challengeBytes = 20
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A proof that was found is looked for again after a day; one that is missing sooner, so that nobody waits for long. */
const nextCheckMs = { found: dayMs, missing: hourMs } as const
/** A name server that is away for a week end takes nothing from anybody. */
const graceMs = 7 * dayMs

export interface ProofRecord extends Claim {
  readonly id: string
  readonly createdAt: string
  /** `failing`: it has not been found lately, and still counts. `lost`: it counts no more. */
  readonly state: 'pending' | 'verified' | 'failing' | 'lost'
  readonly verifiedAt: string | null
  readonly checkedAt: string | null
  readonly problem: string | null
  readonly failingSince: string | null
  readonly lostAt: string | null
}

type Row = Selectable<Schema['scope_proofs']>

/** What owners claim of their scopes. That a claim begins to hold, and that it holds no more, is an event of the log. */
export class ProofStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async ofScope(scope: string): Promise<ProofRecord[]> {
    const rows = await this.#database.read
      .selectFrom('scope_proofs')
      .selectAll()
      .where('scope', '=', scope)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(proofRecord)
  }

  /** What everybody is shown of a scope: claims that hold. */
  async standing(scope: string): Promise<ScopeProof[]> {
    return (await this.ofScope(scope)).flatMap(({ kind, value, verifiedAt, failingSince }) =>
      verifiedAt === null ? [] : [{ kind, value, verifiedAt, failingSince }],
    )
  }

  async find(scope: string, id: string): Promise<ProofRecord | undefined> {
    const row = await findRow(this.#database.read, id)
    return row?.scope === scope ? proofRecord(row) : undefined
  }

  /** The claim, which may have been made before; nothing where the scope has as many as it may have. */
  async claim(scope: string, kind: ProofKind, value: string, author: ScopeAuthor): Promise<ProofRecord | undefined> {
    return this.#log.write(async (transaction) => {
      const before = await transaction.selectFrom('scope_proofs').selectAll().where('scope', '=', scope).execute()
      const found = before.find((row) => row.kind === kind && row.value === value)
      if (found) return proofRecord(found)
      if (before.length >= proofsMax) return undefined
      const row: Row = {
        id: randomUUID(),
        scope,
        kind,
        value,
        challenge: randomBytes(challengeBytes).toString('hex'),
        created_at: author.at,
        verified_at: null,
        checked_at: null,
        problem: null,
        failing_since: null,
        lost_at: null,
        next_check_at: null,
      }
      await transaction.insertInto('scope_proofs').values(row).execute()
      await audit(transaction, row, author, 'proof.claim')
      return proofRecord(row)
    })
  }

  /** Notes what was found when it was looked for. */
  async note(id: string, problem: string | undefined, author: ScopeAuthor): Promise<ProofRecord | undefined> {
    return this.#log.write(async (transaction) => {
      const row = await findRow(transaction, id)
      if (!row) return undefined
      const after = problem === undefined ? found(row, author.at) : missed(row, problem, author.at)
      const { id: _, ...columns } = after
      await transaction.updateTable('scope_proofs').set(columns).where('id', '=', id).execute()
      if (row.verified_at === null && after.verified_at !== null)
        await this.#tell(transaction, after, author, 'verified')
      if (row.verified_at !== null && after.verified_at === null) await this.#tell(transaction, after, author, 'lost')
      return proofRecord(after)
    })
  }

  /** Whether the scope had it. */
  async remove(scope: string, id: string, author: ScopeAuthor): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const row = await findRow(transaction, id)
      if (row?.scope !== scope) return false
      await transaction.deleteFrom('scope_proofs').where('id', '=', id).execute()
      if (row.verified_at === null) await audit(transaction, row, author, 'proof.remove')
      else await this.#tell(transaction, row, author, 'removed')
      return true
    })
  }

  /** Claims that have to be looked for again, and that nobody else looks for meanwhile. */
  async takeDue(now: Date, limit: number): Promise<ProofRecord[]> {
    const next = new Date(now.getTime() + nextCheckMs.missing).toISOString()
    return this.#log.write(async (transaction) => {
      const rows = await transaction
        .selectFrom('scope_proofs')
        .selectAll()
        .where('next_check_at', '<=', now.toISOString())
        .orderBy('next_check_at')
        .limit(limit)
        .execute()
      const ids = rows.map(({ id }) => id)
      if (ids.length > 0) {
        await transaction.updateTable('scope_proofs').set({ next_check_at: next }).where('id', 'in', ids).execute()
      }
      return rows.map(proofRecord)
    })
  }

  async #tell(
    transaction: Transaction<Schema>,
    row: Row,
    author: ScopeAuthor,
    state: 'verified' | 'lost' | 'removed',
  ): Promise<void> {
    const { scope, kind, value } = row
    const { actor, at, registry } = author
    const change = { type: 'proof', scope, kind: kind as ProofKind, value, state } as const
    const leaf = scopeLeafText({ change, by: [actor], at, registry })
    await this.#log.append(transaction, { type: 'proof', subject: scope, module: null, at, leaf })
    await audit(transaction, row, author, `proof.${state}`)
  }
}

function found(row: Row, at: string): Row {
  return {
    ...row,
    verified_at: row.verified_at ?? at,
    checked_at: at,
    problem: null,
    failing_since: null,
    lost_at: null,
    next_check_at: after(at, nextCheckMs.found),
  }
}

function missed(row: Row, problem: string, at: string): Row {
  if (row.verified_at === null) return { ...row, checked_at: at, problem }
  const since = row.failing_since ?? at
  const checked = { ...row, checked_at: at, problem }
  if (at < after(since, graceMs)) {
    return { ...checked, failing_since: since, next_check_at: after(at, nextCheckMs.missing) }
  }
  return { ...checked, verified_at: null, failing_since: null, lost_at: at, next_check_at: null }
}

function after(at: string, ms: number): string {
  return new Date(new Date(at).getTime() + ms).toISOString()
}

function findRow(reader: Reader, id: string): Promise<Row | undefined> {
  return reader.selectFrom('scope_proofs').selectAll().where('id', '=', id).executeTakeFirst()
}

async function audit(transaction: Transaction<Schema>, row: Row, author: ScopeAuthor, action: string): Promise<void> {
  const { actor, token, ip, at } = author
  const subject = `${row.scope} ${row.kind} ${row.value}`
  await appendAudit(transaction, { at, actor, token, ip, action, subject })
}

function proofRecord(row: Row): ProofRecord {
  const standing = row.failing_since === null ? 'verified' : 'failing'
  return {
    id: row.id,
    scope: row.scope,
    kind: row.kind as ProofKind,
    value: row.value,
    challenge: row.challenge,
    createdAt: row.created_at,
    state: row.verified_at !== null ? standing : row.lost_at !== null ? 'lost' : 'pending',
    verifiedAt: row.verified_at,
    checkedAt: row.checked_at,
    problem: row.problem,
    failingSince: row.failing_since,
    lostAt: row.lost_at,
  }
}
