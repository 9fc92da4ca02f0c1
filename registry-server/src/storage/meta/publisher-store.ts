import { randomUUID } from 'node:crypto'
import { scopeOf } from '@ingot/manifest'
import type { PublishPredicate } from '@ingot/trust'
import type { Selectable } from 'kysely'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import type { LogStore } from './log-store.ts'

/** Of one module: each is a way in. */
const publishersMax = 10

/** A workflow that may publish a module. */
export interface TrustedPublisher {
  readonly id: string
  readonly module: string
  readonly issuer: string
  readonly ownerId: string
  readonly repositoryId: string
  readonly repository: string
  readonly workflow: string
  readonly environment: string | null
  readonly refPattern: string | null
  readonly createdAt: string
}

/** What an exchange token is good for. */
export interface PublishGrant {
  readonly module: string
  readonly version: string
  readonly sha512: string
  readonly publisher: PublishPredicate['publisher']
}

export interface NewExchange extends PublishGrant {
  readonly hash: string
  readonly publisherId: string
  readonly expiresAt: string
  readonly jti: { readonly issuer: string; readonly id: string; readonly expiresAt: string }
}

interface TimedAuthor extends Author {
  readonly at: string
}

/** Workflows that are trusted, and what their identities were exchanged for. */
export class PublisherStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  async ofModule(module: string, issuer: string): Promise<TrustedPublisher[]> {
    const rows = await this.#select().where('module', '=', module).where('issuer', '=', issuer).execute()
    return rows.map(publisherRecord)
  }

  async ofScope(scope: string): Promise<TrustedPublisher[]> {
    return (await this.#select().where('scope', '=', scope).execute()).map(publisherRecord)
  }

  /** Nothing: the module has as many as it may have. */
  async add(
    publisher: Omit<TrustedPublisher, 'id' | 'createdAt'>,
    { actor, token, ip, at }: TimedAuthor,
  ): Promise<TrustedPublisher | undefined> {
    const { module, issuer, ownerId, repositoryId, repository, workflow, environment, refPattern } = publisher
    const row = {
      id: randomUUID(),
      module,
      scope: scopeOf(module),
      issuer,
      owner_id: ownerId,
      repository_id: repositoryId,
      repository,
      workflow,
      environment,
      ref_pattern: refPattern,
      created_at: at,
    }
    return this.#log.write(async (transaction) => {
      const before = await transaction
        .selectFrom('trusted_publishers')
        .select('id')
        .where('module', '=', module)
        .execute()
      if (before.length >= publishersMax) return undefined
      await transaction.insertInto('trusted_publishers').values(row).execute()
      await appendAudit(transaction, {
        at,
        actor,
        token,
        ip,
        action: 'publisher.add',
        subject: `${module} ${repository}`,
      })
      return publisherRecord(row)
    })
  }

  /** Whether the scope had it; what its identities were exchanged for ends with it. */
  async remove(id: string, scope: string, { actor, token, ip, at }: TimedAuthor): Promise<boolean> {
    return this.#log.write(async (transaction) => {
      const found = await transaction
        .selectFrom('trusted_publishers')
        .selectAll()
        .where('id', '=', id)
        .where('scope', '=', scope)
        .executeTakeFirst()
      if (!found) return false
      await transaction.deleteFrom('exchange_tokens').where('publisher_id', '=', id).execute()
      await transaction.deleteFrom('trusted_publishers').where('id', '=', id).execute()
      const subject = `${found.module} ${found.repository}`
      await appendAudit(transaction, { at, actor, token, ip, action: 'publisher.remove', subject })
      return true
    })
  }

  /** Leaves a trace of an identity that was not the trusted one: owners read there what differed. */
  async auditRefusal({ module }: TrustedPublisher, what: string, ip: string, at: string): Promise<void> {
    await this.#log.write((transaction) =>
      appendAudit(transaction, {
        at,
        actor: 'anonymous',
        token: null,
        ip,
        action: 'oidc.refused',
        subject: `${module} ${what}`,
      }),
    )
  }

  /** Whether the identity had not been exchanged before. */
  async exchange({
    jti,
    hash,
    publisherId,
    module,
    version,
    sha512,
    publisher,
    expiresAt,
  }: NewExchange): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      const now = new Date().toISOString()
      await transaction.deleteFrom('used_jti').where('expires_at', '<=', now).execute()
      await transaction.deleteFrom('exchange_tokens').where('expires_at', '<=', now).execute()
      const used = await transaction
        .insertInto('used_jti')
        .values({ issuer: jti.issuer, jti: jti.id, expires_at: jti.expiresAt })
        .onConflict((conflict) => conflict.columns(['issuer', 'jti']).doNothing())
        .returning('jti')
        .execute()
      if (used.length === 0) return false
      const row = { hash, publisher_id: publisherId, module, version, sha512, expires_at: expiresAt }
      await transaction
        .insertInto('exchange_tokens')
        .values({ ...row, publisher: JSON.stringify(publisher) })
        .execute()
      return true
    })
  }

  async grant(hash: string, now: string): Promise<PublishGrant | undefined> {
    const row = await this.#database.read
      .selectFrom('exchange_tokens')
      .selectAll()
      .where('hash', '=', hash)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (!row) return undefined
    const { module, version, sha512 } = row
    return { module, version, sha512, publisher: JSON.parse(row.publisher) as PublishGrant['publisher'] }
  }

  #select() {
    return this.#database.read.selectFrom('trusted_publishers').selectAll().orderBy('module').orderBy('created_at')
  }
}

function publisherRecord(row: Selectable<Schema['trusted_publishers']>): TrustedPublisher {
  return {
    id: row.id,
    module: row.module,
    issuer: row.issuer,
    ownerId: row.owner_id,
    repositoryId: row.repository_id,
    repository: row.repository,
    workflow: row.workflow,
    environment: row.environment,
    refPattern: row.ref_pattern,
    createdAt: row.created_at,
  }
}
