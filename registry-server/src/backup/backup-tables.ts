import { sql, type Transaction } from 'kysely'
import type { Schema } from '../storage/database/schema.ts'

/** What is made anew from the others. */
type DerivedTable = 'migrations' | 'search_modules'
type TableName = Exclude<keyof Schema, DerivedTable>

/** What a backup holds, each table after those that it refers to, with its primary key. */
export const backupTables = {
  log_leaves: ['idx'],
  log_nodes: ['level', 'idx'],
  modules: ['id'],
  versions: ['log_index'],
  version_dependencies: ['log_index', 'name'],
  version_files: ['log_index', 'path'],
  outbox: ['topic', 'log_index'],
  users: ['id'],
  setup_links: ['hash'],
  sealing_keys: ['id'],
  totp_secrets: ['user_id'],
  passkeys: ['id'],
  recovery_codes: ['hash'],
  challenges: ['challenge'],
  device_logins: ['hash'],
  sessions: ['id'],
  scopes: ['name'],
  scope_members: ['scope', 'user_id'],
  scope_proofs: ['id'],
  trusted_publishers: ['id'],
  exchange_tokens: ['hash'],
  used_jti: ['issuer', 'jti'],
  tokens: ['id'],
  audit: ['seq'],
  upstreams: ['name'],
  idempotent_requests: ['id'],
  reports: ['id'],
  webhooks: ['id'],
  webhook_deliveries: ['id'],
  consents: ['action', 'subject', 'actor'],
  buckets: ['key'],
  failed_attempts: ['key'],
  advisories: ['id'],
  advisory_modules: ['advisory_id', 'module'],
  stages: ['id'],
  stage_approvals: ['stage_id', 'user_id'],
  download_imports: ['sha256'],
  downloads_daily: ['log_index', 'day', 'class'],
  downloads_hourly: ['log_index', 'hour', 'class'],
} as const satisfies { [T in TableName]: readonly (keyof Schema[T])[] }

export type BackupTable = keyof typeof backupTables

/** Rows that are in memory at the same time: one version's row may have two MiB. */
export const pageRows = 50

export type BackupRow = Readonly<Record<string, null | number | string>>

/** All rows of a table in the order of its key, page by page. */
export async function* tableRows(
  reader: Transaction<Schema>,
  table: BackupTable,
): AsyncGenerator<readonly BackupRow[]> {
  const columns = backupTables[table]
  const key = sql.join(columns.map((column) => sql.ref(column)))
  let last: BackupRow | undefined
  for (;;) {
    const after =
      last === undefined ? sql`` : sql`WHERE (${key}) > (${sql.join(columns.map((column) => last![column]))})`
    const page = sql<BackupRow>`SELECT * FROM ${sql.table(table)} ${after} ORDER BY ${key} LIMIT ${pageRows}`
    const { rows } = await page.execute(reader)
    if (rows.length > 0) yield rows
    if (rows.length < pageRows) return
    last = rows.at(-1)
  }
}
