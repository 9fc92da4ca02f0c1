import { moduleKey, moduleManifest, scopeOf, type ModuleManifest, type VersionStatus } from '@ingot/manifest'
import type { Selectable, Transaction } from 'kysely'
import type { Database, Reader } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import { appendAudit, type Author } from './append-audit.ts'
import { publisherText, readPublishLeaf, type LoggedPublish } from '../../log/publish-leaf.ts'
import { insertDependencies } from './dependency-store.ts'
import { foldName } from '../../publish/fold-name.ts'
import type { LogPlace, LogStore } from './log-store.ts'
import { addToOutbox } from './outbox-store.ts'

/** One published version, as lists and pages show it. */
export interface VersionRecord {
  readonly version: string
  /** Hex of the packed module. */
  readonly sha512: string
  readonly sizeBytes: number
  readonly unpackedBytes: number
  readonly manifest: ModuleManifest
  /** `sha256-<base64>` of module.json and of the capability document. */
  readonly manifestIntegrity: string
  readonly capsIntegrity: string
  readonly publishedAt: string
  readonly publisher: string
  readonly trust: number
  readonly status: VersionStatus
  /** Why it is no longer active. */
  readonly reason: string | null
  readonly deprecated: string | null
  readonly successor: string | null
  readonly yankedAt: string | null
  readonly logIndex: number
}

export interface VersionFile {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** What only the pages and documents of one version need. */
export interface VersionDetail extends VersionRecord {
  readonly readme: string | undefined
  /** JSON text of the signed statement with its surroundings. */
  readonly bundle: string
  readonly files: readonly VersionFile[]
}

export interface NewVersion {
  readonly manifest: ModuleManifest
  readonly readme: string | undefined
  readonly files: readonly VersionFile[]
  /** Text of the log's leaf, which says everything else. */
  readonly leaf: string
  readonly author: Author
  /** Makes the bundle, once the version's place in the log is known. */
  bundleAt(place: LogPlace): string
}

/** What is there now: the version that was committed, or the one that was there first. */
export interface CommitResult {
  readonly created: boolean
  readonly sha512: string
  readonly bundle: string
  readonly status: VersionStatus
}

export interface QuarantinedVersion {
  readonly module: string
  readonly version: string
  readonly reason: string | null
  readonly publishedAt: string
}

/** The version whose packed bytes a blob is. */
export interface BlobOwner {
  readonly logIndex: number
  readonly module: string
  readonly version: string
  readonly status: VersionStatus
}

/** Rows of one insert: SQLite and PostgreSQL bound the parameters of a statement. */
const insertRowsMax = 500

/** Published versions. They are only ever added; what is said of them later is in the log. */
export class VersionStore {
  readonly #database: Database
  readonly #log: LogStore

  constructor(database: Database, log: LogStore) {
    this.#database = database
    this.#log = log
  }

  /** The commit point of a publish: after it the version exists everywhere, before it nowhere. */
  commit(
    version: NewVersion,
    /** What else is part of it. */
    also?: (transaction: Transaction<Schema>) => Promise<void>,
  ): Promise<CommitResult> {
    const { name } = version.manifest
    const logged = readPublishLeaf(version.leaf)
    const { publishedAt } = logged
    const subject = moduleKey(name, logged.version)
    return this.#log.write(async (transaction) => {
      const existing = await find(transaction, name, logged.version)
      if (existing) return { created: false, ...standing(existing) }
      const place = await this.#log.append(transaction, {
        type: 'publish',
        subject,
        module: name,
        at: publishedAt,
        leaf: version.leaf,
      })
      const bundle = version.bundleAt(place)
      const moduleId = await moduleOf(transaction, name, { logIndex: place.index, at: publishedAt })
      await transaction
        .insertInto('versions')
        .values(versionRow(version, logged, moduleId, place.index, bundle))
        .execute()
      await insertFiles(transaction, version.files, place.index)
      await insertDependencies(transaction, version.manifest.dependencies, place.index)
      await addToOutbox(transaction, ['search'], place.index, publishedAt)
      await appendAudit(transaction, {
        ...version.author,
        at: publishedAt,
        action: 'publish',
        subject: `${subject} ${logged.sha512}`,
      })
      await also?.(transaction)
      return { created: true, sha512: logged.sha512, bundle, status: 'active' as const }
    })
  }

  async find(module: string, version: string): Promise<VersionDetail | undefined> {
    const row = await find(this.#database.read, module, version)
    if (!row) return undefined
    const files = await this.#database.read
      .selectFrom('version_files')
      .select(['path', 'sha256', 'size_bytes'])
      .where('log_index', '=', row.log_index)
      .execute()
    return {
      ...versionRecord(row),
      readme: row.readme ?? undefined,
      bundle: row.bundle,
      files: files
        .map(({ path, sha256, size_bytes }) => ({ path, sha256, sizeBytes: size_bytes }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    }
  }

  /** In the order of publication; empty when there is no such module. */
  async list(module: string, reader: Reader = this.#database.read): Promise<VersionRecord[]> {
    const rows = await reader
      .selectFrom('versions')
      .innerJoin('modules', 'modules.id', 'module_id')
      .selectAll('versions')
      .where('name', '=', module)
      .orderBy('log_index')
      .execute()
    return rows.map(versionRecord)
  }

  /** Other modules of any scope but its own whose names people may take for this one, while it does not exist itself. */
  async nearNames(module: string, fold: string): Promise<string[]> {
    const rows = await this.#database.read.selectFrom('modules').select('name').where('fold', '=', fold).execute()
    const names = rows.map(({ name }) => name)
    return names.includes(module) ? [] : names.filter((name) => scopeOf(name) !== scopeOf(module))
  }

  /** Versions in quarantine, those that were published last first. */
  async quarantined(limit: number): Promise<QuarantinedVersion[]> {
    return this.#database.read
      .selectFrom('versions')
      .innerJoin('modules', 'modules.id', 'module_id')
      .select(['name as module', 'version', 'reason', 'published_at as publishedAt'])
      .where('status', '=', 'quarantined')
      .orderBy('log_index', 'desc')
      .limit(limit)
      .execute()
  }

  /** Modules of a scope of which something was published since then, at most `limit`. */
  async modulesSince(scope: string, since: string, limit: number): Promise<string[]> {
    const rows = await this.#database.read
      .selectFrom('versions')
      .innerJoin('modules', 'modules.id', 'module_id')
      .select('name')
      .distinct()
      .where('scope', '=', scope)
      .where('published_at', '>=', since)
      .limit(limit)
      .execute()
    return rows.map(({ name }) => name)
  }

  /** What became of the version with these bytes; `undefined` when there is none. Bytes name their version: there is one. */
  async ofBlob(sha512: string): Promise<BlobOwner | undefined> {
    const row = await this.#database.read
      .selectFrom('versions')
      .innerJoin('modules', 'modules.id', 'module_id')
      .select(['log_index', 'status', 'name', 'version'])
      .where('sha512', '=', sha512)
      .limit(1)
      .executeTakeFirst()
    return (
      row && { logIndex: row.log_index, module: row.name, version: row.version, status: row.status as VersionStatus }
    )
  }

  /** Hex of the bytes of the version that an event is about. */
  async blobOfEvent(logIndex: number, transaction: Transaction<Schema>): Promise<string | undefined> {
    const row = await transaction
      .selectFrom('log_leaves')
      .innerJoin('modules', 'modules.name', 'log_leaves.module')
      .innerJoin('versions', 'versions.module_id', 'modules.id')
      .select(['versions.sha512', 'subject', 'name', 'version'])
      .where('idx', '=', logIndex)
      .execute()
    return row.find(({ subject, name, version }) => subject === moduleKey(name, version))?.sha512
  }
}

function standing({ sha512, bundle, status }: Selectable<Schema['versions']>) {
  return { sha512, bundle, status: status as VersionStatus }
}

function find(reader: Reader, module: string, version: string) {
  return reader
    .selectFrom('versions')
    .innerJoin('modules', 'modules.id', 'module_id')
    .selectAll('versions')
    .where('name', '=', module)
    .where('version', '=', version)
    .executeTakeFirst()
}

/** The module's id; made with its first version. */
async function moduleOf(
  transaction: Transaction<Schema>,
  name: string,
  first: { readonly logIndex: number; readonly at: string },
): Promise<number> {
  const known = await transaction.selectFrom('modules').select('id').where('name', '=', name).executeTakeFirst()
  if (known) return known.id
  const scope = scopeOf(name)
  const folds = { fold: foldName(name), scope_fold: foldName(scope) }
  const row = { id: first.logIndex, name, scope, created_at: first.at, tags: '{}', ...folds }
  await transaction.insertInto('modules').values(row).execute()
  return first.logIndex
}

function versionRow(
  version: NewVersion,
  logged: LoggedPublish,
  moduleId: number,
  logIndex: number,
  bundle: string,
): Schema['versions'] {
  return {
    log_index: logIndex,
    module_id: moduleId,
    version: logged.version,
    sha512: logged.sha512,
    size_bytes: logged.sizeBytes,
    unpacked_bytes: logged.unpackedBytes,
    manifest: JSON.stringify(version.manifest),
    manifest_integrity: logged.manifest,
    caps_integrity: logged.caps,
    readme: version.readme ?? null,
    bundle,
    published_at: logged.publishedAt,
    publisher: publisherText(logged),
    trust: logged.trust,
    status: 'active',
    reason: null,
    deprecated: null,
    successor: null,
    yanked_at: null,
  }
}

async function insertFiles(
  transaction: Transaction<Schema>,
  files: readonly VersionFile[],
  logIndex: number,
): Promise<void> {
  const rows = files.map(({ path, sha256, sizeBytes }) => ({
    log_index: logIndex,
    path,
    sha256,
    size_bytes: sizeBytes,
  }))
  for (let at = 0; at < rows.length; at += insertRowsMax) {
    await transaction
      .insertInto('version_files')
      .values(rows.slice(at, at + insertRowsMax))
      .execute()
  }
}

function versionRecord(row: Selectable<Schema['versions']>): VersionRecord {
  return {
    version: row.version,
    sha512: row.sha512,
    sizeBytes: row.size_bytes,
    unpackedBytes: row.unpacked_bytes,
    manifest: moduleManifest.parse(JSON.parse(row.manifest)),
    manifestIntegrity: row.manifest_integrity,
    capsIntegrity: row.caps_integrity,
    publishedAt: row.published_at,
    publisher: row.publisher,
    trust: row.trust,
    status: row.status as VersionStatus,
    reason: row.reason,
    deprecated: row.deprecated,
    successor: row.successor,
    yankedAt: row.yanked_at,
    logIndex: row.log_index,
  }
}
