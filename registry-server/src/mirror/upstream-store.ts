import type { Database } from '../storage/database/database.ts'
import { appendAudit } from '../storage/meta/append-audit.ts'
import { takeLock } from '../storage/database/take-lock.ts'
import { checkUpstream, type Upstream } from './upstream.ts'

/** The upstreams of a registry. */
export class UpstreamStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async list(): Promise<Upstream[]> {
    const rows = await this.#database.read.selectFrom('upstreams').selectAll().orderBy('name').execute()
    return rows.map(({ name, url, root, scopes, min_age_ms }) => ({
      name,
      url,
      root,
      scopes: JSON.parse(scopes) as string[],
      minAgeMs: min_age_ms,
    }))
  }

  /** Adds an upstream, or changes what is said of it; its root keys stay what they were. @throws when something of it is wrong. */
  async put(upstream: Upstream): Promise<void> {
    checkUpstream(upstream)
    const { name, url, root, scopes, minAgeMs } = upstream
    await this.#database.write(async (transaction) => {
      await takeLock(this.#database.dialect, transaction, 'log')
      const before = await transaction.selectFrom('upstreams').selectAll().where('name', '=', name).executeTakeFirst()
      if (before && before.root !== root) {
        throw new Error(
          `Cannot mirror "${name}": it has the root "${before.root}", found "${root}"; remove it first, or take another name`,
        )
      }
      const at = new Date().toISOString()
      const row = { url, root, scopes: JSON.stringify(scopes), min_age_ms: minAgeMs }
      if (before) await transaction.updateTable('upstreams').set(row).where('name', '=', name).execute()
      else
        await transaction
          .insertInto('upstreams')
          .values({ name, ...row, created_at: at })
          .execute()
      await appendAudit(transaction, {
        at,
        actor: 'command line',
        ip: '',
        action: 'mirror',
        subject: `${name} ${url ?? ''}`.trim(),
      })
    })
  }

  /** Resolves to whether there was one. */
  async remove(name: string): Promise<boolean> {
    return this.#database.write(async (transaction) => {
      await takeLock(this.#database.dialect, transaction, 'log')
      const { numDeletedRows } = await transaction.deleteFrom('upstreams').where('name', '=', name).executeTakeFirst()
      if (numDeletedRows === 0n) return false
      const at = new Date().toISOString()
      await appendAudit(transaction, { at, actor: 'command line', ip: '', action: 'mirror.remove', subject: name })
      return true
    })
  }

  /** Whether modules of a scope are published here. */
  async isLocal(scope: string): Promise<boolean> {
    const { read } = this.#database
    const module = await read.selectFrom('modules').select('id').where('scope', '=', scope).limit(1).executeTakeFirst()
    if (module) return true
    return (await read.selectFrom('scopes').select('name').where('name', '=', scope).executeTakeFirst()) !== undefined
  }
}
