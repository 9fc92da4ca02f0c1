import { createHash } from 'node:crypto'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { moduleManifest, scopeOf } from '@ingot/manifest'
import { rcompare } from 'semver'
import type {
  CommitResult,
  MetaStore,
  ModuleQuery,
  ModuleSummary,
  NewVersion,
  TokenRecord,
  VersionDetail,
  VersionFile,
  VersionRecord,
  VersionStatus,
} from './meta-store.ts'
import { migrate } from './migrate.ts'

/** How long a writer waits for another process before it gives up. */
const busyTimeoutMs = 10_000

type Row = Record<string, null | number | bigint | string | Uint8Array>

/** A registry's facts in one SQLite file. `synchronous = FULL`: an acknowledged publish survives a power cut. */
export class SqliteMetaStore implements MetaStore {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: busyTimeoutMs })
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    migrate(this.#database)
  }

  async commitVersion(version: NewVersion): Promise<CommitResult> {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = this.#insertVersion(version)
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #insertVersion(version: NewVersion): CommitResult {
    const { name } = version.manifest
    const { publishedAt } = version
    this.#run(
      'INSERT INTO modules (name, scope, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      name,
      scopeOf(name),
      publishedAt,
    )
    const moduleId = Number(this.#get('SELECT id FROM modules WHERE name = ?', name)!['id'])
    const existing = this.#get(
      'SELECT sha512 FROM versions WHERE module_id = ? AND version = ?',
      moduleId,
      version.version,
    )
    if (existing) return { created: false, existing: String(existing['sha512']) }
    const logIndex = Number(this.#get('SELECT coalesce(max(idx) + 1, 0) AS next FROM log_leaves')!['next'])
    this.#run('INSERT INTO log_leaves (idx, type, leaf) VALUES (?, ?, ?)', logIndex, 'publish', version.leaf)
    this.#run(
      `INSERT INTO versions (module_id, version, sha512, size_bytes, unpacked_bytes, manifest, manifest_integrity,
         caps_integrity, readme, bundle, published_at, publisher, trust, log_index)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      moduleId,
      version.version,
      version.sha512,
      version.sizeBytes,
      version.unpackedBytes,
      JSON.stringify(version.manifest),
      version.manifestIntegrity,
      version.capsIntegrity,
      version.readme ?? null,
      version.bundle,
      publishedAt,
      version.publisher,
      version.trust,
      logIndex,
    )
    this.#insertFiles(logIndex, version.files)
    this.#indexForSearch(moduleId, name)
    this.#audit(version)
    return { created: true }
  }

  #insertFiles(logIndex: number, files: readonly VersionFile[]): void {
    const versionId = Number(this.#get('SELECT id FROM versions WHERE log_index = ?', logIndex)!['id'])
    for (const { path, sha256, sizeBytes } of files) {
      this.#run('INSERT INTO version_files VALUES (?, ?, ?, ?)', versionId, path, sha256, sizeBytes)
    }
  }

  #indexForSearch(moduleId: number, name: string): void {
    const latest = newest(this.#versionRows(name).map(versionRecord))!
    const readme = this.#get('SELECT readme FROM versions WHERE log_index = ?', latest.logIndex)!['readme']
    const { description, components } = latest.manifest
    const words = components.map(({ name: local, summary }) => `${local} ${summary}`).join('\n')
    this.#run('DELETE FROM module_search WHERE rowid = ?', moduleId)
    this.#run(
      'INSERT INTO module_search (rowid, name, description, components, readme) VALUES (?, ?, ?, ?, ?)',
      moduleId,
      name,
      description,
      words,
      readme ?? '',
    )
  }

  #audit(version: NewVersion): void {
    const before = this.#get('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
    const previous = before ? String(before['hash']) : ''
    const subject = `${version.manifest.name}@${version.version} ${version.sha512}`
    const facts = [version.publishedAt, version.publisher, version.actorIp, 'publish', subject]
    const hash = createHash('sha256')
      .update(JSON.stringify([previous, ...facts]))
      .digest('hex')
    this.#run(
      'INSERT INTO audit (at, actor, ip, action, subject, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...facts,
      previous,
      hash,
    )
  }

  async version(module: string, version: string): Promise<VersionDetail | undefined> {
    const row = this.#get(
      'SELECT versions.* FROM versions JOIN modules ON modules.id = module_id WHERE name = ? AND version = ?',
      module,
      version,
    )
    if (!row) return undefined
    const files = this.#all(
      'SELECT path, sha256, size_bytes FROM version_files WHERE version_id = ? ORDER BY path',
      row['id']!,
    )
    return {
      ...versionRecord(row),
      readme: row['readme'] === null ? undefined : String(row['readme']),
      bundle: String(row['bundle']),
      files: files.map((file) => ({
        path: String(file['path']),
        sha256: String(file['sha256']),
        sizeBytes: Number(file['size_bytes']),
      })),
    }
  }

  async versions(module: string): Promise<VersionRecord[]> {
    return this.#versionRows(module).map(versionRecord)
  }

  async revision(module: string): Promise<number | undefined> {
    const row = this.#get(
      'SELECT max(log_index) AS last FROM versions JOIN modules ON modules.id = module_id WHERE name = ?',
      module,
    )
    return row?.['last'] === null || row === undefined ? undefined : Number(row['last'])
  }

  async modules(query: ModuleQuery): Promise<{ total: number; items: ModuleSummary[] }> {
    // Each word is quoted, so that nothing in it is an operator of the search language; the star makes it a prefix.
    const match = query.words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' ')
    const [from, order, values] =
      match === ''
        ? ['modules', 'modules.name', []]
        : [
            'module_search JOIN modules ON modules.id = module_search.rowid WHERE module_search MATCH ?',
            'bm25(module_search, 10, 4, 4, 1)',
            [match],
          ]
    const total = Number(this.#get(`SELECT count(*) AS total FROM ${from}`, ...values)!['total'])
    const rows = this.#all(
      `SELECT modules.name FROM ${from} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...values,
      query.limit,
      query.offset,
    )
    const items: ModuleSummary[] = []
    for (const row of rows) {
      const name = String(row['name'])
      const latest = newest(this.#versionRows(name).map(versionRecord))
      if (latest) items.push({ name, latest })
    }
    return { total, items }
  }

  async hasBlob(sha512: string): Promise<boolean> {
    return this.#get('SELECT 1 FROM versions WHERE sha512 = ?', sha512) !== undefined
  }

  async token(hash: string): Promise<TokenRecord | undefined> {
    const row = this.#get('SELECT * FROM tokens WHERE hash = ?', hash)
    if (!row) return undefined
    return {
      id: Number(row['id']),
      description: String(row['description']),
      modules: String(row['modules']),
      expiresAt: String(row['expires_at']),
      revokedAt: row['revoked_at'] === null ? undefined : String(row['revoked_at']),
    }
  }

  async tokenUsed(id: number, at: string): Promise<void> {
    this.#run('UPDATE tokens SET last_used_at = ? WHERE id = ?', at, id)
  }

  async addToken(token: { hash: string; description: string; modules: string; expiresAt: string }): Promise<void> {
    this.#run(
      'INSERT INTO tokens (hash, description, modules, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
      token.hash,
      token.description,
      token.modules,
      new Date().toISOString(),
      token.expiresAt,
    )
  }

  async close(): Promise<void> {
    this.#statements.clear()
    this.#database.close()
  }

  #versionRows(module: string): Row[] {
    return this.#all(
      'SELECT versions.* FROM versions JOIN modules ON modules.id = module_id WHERE name = ? ORDER BY log_index',
      module,
    )
  }

  #get(sql: string, ...values: Row[string][]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined
  }

  #all(sql: string, ...values: Row[string][]): Row[] {
    return this.#prepared(sql).all(...values) as Row[]
  }

  #run(sql: string, ...values: Row[string][]): void {
    this.#prepared(sql).run(...values)
  }

  /** The texts are the literals of this file, so their number is bounded. */
  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** The version that `latest` stands for: the highest active one that is no prerelease, else the highest. */
export function newest(versions: readonly VersionRecord[]): VersionRecord | undefined {
  const sorted = [...versions].sort((a, b) => rcompare(a.version, b.version))
  return sorted.find(({ status, version }) => status === 'active' && !version.includes('-')) ?? sorted[0]
}

function versionRecord(row: Row): VersionRecord {
  return {
    version: String(row['version']),
    sha512: String(row['sha512']),
    sizeBytes: Number(row['size_bytes']),
    unpackedBytes: Number(row['unpacked_bytes']),
    manifest: moduleManifest.parse(JSON.parse(String(row['manifest']))),
    manifestIntegrity: String(row['manifest_integrity']),
    capsIntegrity: String(row['caps_integrity']),
    publishedAt: String(row['published_at']),
    publisher: String(row['publisher']),
    trust: Number(row['trust']),
    status: String(row['status']) as VersionStatus,
    logIndex: Number(row['log_index']),
  }
}
