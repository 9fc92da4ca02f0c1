import type { Generated } from 'kysely'

/** The tables of `migrations/`, as queries see them. */
export interface Schema {
  readonly migrations: { name: string; applied_at: string }
  readonly log_leaves: {
    idx: number
    type: string
    subject: string
    module: string | null
    at: string
    leaf: string
    salt: string | null
  }
  readonly log_nodes: { level: number; idx: number; hash: string }
  readonly modules: {
    id: number
    name: string
    scope: string
    created_at: string
    tags: Generated<string>
    deprecated: string | null
    successor: string | null
    fold: Generated<string>
    scope_fold: Generated<string>
  }
  readonly versions: {
    log_index: number
    module_id: number
    version: string
    sha512: string
    size_bytes: number
    unpacked_bytes: number
    manifest: string
    manifest_integrity: string
    caps_integrity: string
    readme: string | null
    bundle: string
    published_at: string
    publisher: string
    trust: number
    status: string
    reason: string | null
    deprecated: string | null
    successor: string | null
    yanked_at: string | null
  }
  readonly version_dependencies: { log_index: number; name: string; range: string }
  readonly version_files: { log_index: number; path: string; sha256: string; size_bytes: number }
  readonly search_modules: { module_id: number; seq: number; log_index: number | null; item: string }
  readonly outbox: { topic: string; log_index: number; attempts: number; due_at: string }
  readonly tokens: {
    id: string
    hash: string
    description: string
    modules: string
    created_at: string
    expires_at: string
    revoked_at: string | null
    last_used_at: string | null
    user_id: string | null
    permissions: string
    networks: string
  }
  readonly users: {
    id: string
    name: string
    email: string | null
    password: string | null
    staff: number
    created_at: string
    disabled_at: string | null
  }
  readonly sessions: {
    id: string
    hash: string
    user_id: string
    kind: string
    client: string
    created_at: string
    expires_at: string
    last_used_at: string
    second_factor_at: string | null
  }
  readonly scopes: {
    name: string
    created_at: string
    visibility: string
    trusted_publisher_only: number
    min_approvals: number
    hold_on_capability_increase: number
    require_provenance: number
    fold: Generated<string>
  }
  readonly setup_links: { hash: string; user_id: string; expires_at: string }
  readonly totp_secrets: { user_id: string; secret: string; confirmed_at: string | null; last_step: number }
  readonly passkeys: {
    id: string
    user_id: string
    name: string
    public_key: string
    counter: number
    transports: string
    created_at: string
    last_used_at: string | null
  }
  readonly recovery_codes: { hash: string; user_id: string }
  readonly challenges: { challenge: string; purpose: string; binding: string; expires_at: string }
  readonly device_logins: {
    hash: string
    user_code: string
    client: string
    expires_at: string
    user_id: string | null
    second_factor_at: string | null
  }
  readonly scope_members: {
    scope: string
    user_id: string
    role: string
    invited_at: string
    accepted_at: string | null
    next_role: string | null
    effective_at: string | null
  }
  readonly trusted_publishers: {
    id: string
    module: string
    scope: string
    issuer: string
    owner_id: string
    repository_id: string
    repository: string
    workflow: string
    environment: string | null
    ref_pattern: string | null
    created_at: string
  }
  readonly exchange_tokens: {
    hash: string
    publisher_id: string
    module: string
    version: string
    sha512: string
    publisher: string
    expires_at: string
  }
  readonly used_jti: { issuer: string; jti: string; expires_at: string }
  readonly scope_proofs: {
    id: string
    scope: string
    kind: string
    value: string
    challenge: string
    created_at: string
    verified_at: string | null
    checked_at: string | null
    problem: string | null
    failing_since: string | null
    lost_at: string | null
    next_check_at: string | null
  }
  readonly audit: {
    seq: number
    at: string
    actor: string
    ip: string
    action: string
    subject: string
    prev_hash: string
    hash: string
    token: string | null
    scope: string | null
    before: string | null
    after: string | null
  }
  readonly consents: { action: string; subject: string; actor: string; at: string }
  readonly download_imports: { sha256: string; at: string; counted: number }
  readonly downloads_daily: { log_index: number; day: string; class: string; count: number }
  readonly buckets: { key: string; tokens: number; at: number }
  readonly failed_attempts: { key: string; tokens: number; at: number }
  readonly sealing_keys: { id: string; created_at: string }
  readonly advisories: { id: string; log_index: number; scope: string; record: string }
  readonly advisory_modules: { advisory_id: string; module: string }
  readonly stage_approvals: {
    stage_id: string
    user_id: string
    user_name: string
    method: string
    staff: number
    at: string
  }
  readonly stages: {
    id: string
    module: string
    scope: string
    version: string
    sha512: string
    size_bytes: number
    reasons: string
    publisher: string
    uploader: string
    user_id: string | null
    created_at: string
    expires_at: string
    state: string
  }
  readonly downloads_hourly: { log_index: number; hour: string; class: string; count: number }
  readonly idempotent_requests: {
    id: string
    owner: string
    fingerprint: string
    begun_at: string
    expires_at: string
    answer: string | null
  }
  readonly reports: {
    id: string
    kind: string
    module: string
    version: string | null
    path: string | null
    line: number | null
    message: string
    user_id: string | null
    reporter: string | null
    credible: number
    created_at: string
    state: string
    note: string | null
    decided_by: string | null
    decided_at: string | null
  }
  readonly webhooks: {
    id: string
    scope: string | null
    url: string
    description: string
    events: string
    secret: string
    former_secret: string | null
    former_until: string | null
    created_at: string
    created_by: string
    failing_since: string | null
    dropped: Generated<number>
    disabled_at: string | null
    disabled_because: string | null
  }
  readonly webhook_deliveries: {
    id: string
    webhook_id: string
    type: string
    body: string
    created_at: string
    state: string
    attempts: number
    due_at: string
    sending_until: string | null
    attempted_at: string | null
    status: number | null
    failure: string | null
    response: string | null
  }
  readonly upstreams: {
    name: string
    url: string | null
    root: string
    scopes: string
    min_age_ms: number
    created_at: string
  }
}
