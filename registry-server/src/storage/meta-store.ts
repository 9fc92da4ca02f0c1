import { ModuleSearch } from '../search/module-search.ts'
import { SearchIndexer } from '../search/search-indexer.ts'
import { UpstreamStore } from '../mirror/upstream-store.ts'
import type { Database } from './database/database.ts'
import { PostgresDatabase } from './database/postgres-database.ts'
import { SqliteDatabase } from './database/sqlite/sqlite-database.ts'
import { AdvisoryStore } from './meta/advisory-store.ts'
import { AuditStore } from './meta/audit-store.ts'
import { BucketStore } from './meta/bucket-store.ts'
import { DependencyStore } from './meta/dependency-store.ts'
import { DeliveryStore } from './meta/delivery-store.ts'
import { DeviceStore } from './meta/device-store.ts'
import { FactorStore } from './meta/factor-store.ts'
import { DownloadStore } from './meta/download-store.ts'
import { LifecycleStore } from './meta/lifecycle-store.ts'
import { LogStore } from './meta/log-store.ts'
import { OutboxStore } from './meta/outbox-store.ts'
import { PasskeyStore } from './meta/passkey-store.ts'
import { ProofStore } from './meta/proof-store.ts'
import { PublisherStore } from './meta/publisher-store.ts'
import { ReportStore } from './meta/report-store.ts'
import { RequestStore } from './meta/request-store.ts'
import { ScopeStore } from './meta/scope-store.ts'
import { SessionStore } from './meta/session-store.ts'
import { StageStore } from './meta/stage-store.ts'
import { TokenStore } from './meta/token-store.ts'
import { UserStore } from './meta/user-store.ts'
import { VersionStore } from './meta/version-store.ts'
import { WebhookStore } from './meta/webhook-store.ts'

/** What a registry knows, besides bytes: one member for each thing that it is asked about. */
export interface MetaStore {
  readonly database: Database
  readonly dependencies: DependencyStore
  readonly devices: DeviceStore
  readonly factors: FactorStore
  readonly log: LogStore
  readonly versions: VersionStore
  readonly search: ModuleSearch
  readonly searchIndexer: SearchIndexer
  readonly lifecycle: LifecycleStore
  readonly downloads: DownloadStore
  readonly stages: StageStore
  readonly advisories: AdvisoryStore
  readonly audit: AuditStore
  /** Of what people may do. */
  readonly buckets: BucketStore
  /** Of what may fail. */
  readonly failedAttempts: BucketStore
  readonly outbox: OutboxStore
  readonly passkeys: PasskeyStore
  readonly proofs: ProofStore
  readonly publishers: PublisherStore
  readonly scopes: ScopeStore
  readonly sessions: SessionStore
  readonly tokens: TokenStore
  readonly users: UserStore
  readonly upstreams: UpstreamStore
  readonly webhooks: WebhookStore
  readonly requests: RequestStore
  readonly reports: ReportStore
  readonly deliveries: DeliveryStore
  close(): Promise<void>
}

/** Opens what a `postgres://` URL or the path of a SQLite file names, and brings it to the newest schema. */
export async function openMetaStore(location: string): Promise<MetaStore> {
  const database = /^postgres(?:ql)?:\/\//.test(location)
    ? await PostgresDatabase.open(location)
    : await SqliteDatabase.open(location)
  const log = new LogStore(database)
  const versions = new VersionStore(database, log)
  return {
    database,
    dependencies: new DependencyStore(database),
    devices: new DeviceStore(database, log),
    factors: new FactorStore(database, log),
    log,
    versions,
    search: new ModuleSearch(database),
    searchIndexer: new SearchIndexer(database, versions),
    downloads: new DownloadStore(database),
    stages: new StageStore(database, log),
    advisories: new AdvisoryStore(database, log),
    audit: new AuditStore(database, log),
    buckets: new BucketStore(database, 'buckets'),
    failedAttempts: new BucketStore(database, 'failed_attempts'),
    lifecycle: new LifecycleStore(log),
    outbox: new OutboxStore(database),
    passkeys: new PasskeyStore(database, log),
    proofs: new ProofStore(database, log),
    publishers: new PublisherStore(database, log),
    scopes: new ScopeStore(database, log),
    sessions: new SessionStore(database, log),
    tokens: new TokenStore(database, log),
    users: new UserStore(database, log),
    upstreams: new UpstreamStore(database),
    webhooks: new WebhookStore(database, log),
    requests: new RequestStore(database),
    reports: new ReportStore(database, log),
    deliveries: new DeliveryStore(database, log),
    close: () => database.close(),
  }
}
