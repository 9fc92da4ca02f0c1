import type { ProblemDocument } from '@ingot/manifest'

/** Code → HTTP status and title: the one table of what this server refuses. Codes are promised; titles are not. */
const problems = {
  request_invalid: [400, 'The request cannot be read'],
  digest_missing: [400, 'The request lacks its digest'],
  user_unknown: [404, 'There is no such user'],
  webhook_disabled: [409, 'The webhook is disabled'],
  idempotency_in_flight: [409, 'The request is still being done'],
  idempotency_key_reused: [422, 'The key belongs to another request'],
  last_owner: [409, 'A scope has an owner'],
  last_factor: [409, 'An account has a way to sign in'],
  passkeys_unavailable: [409, 'This registry cannot take passkeys'],
  quota: [409, 'There are too many'],
  sign_in: [401, 'That is not right'],
  token_missing: [401, 'A token is needed'],
  token_invalid: [401, 'The token is not known'],
  token_expired: [401, 'The token is no longer valid'],
  csrf: [403, 'The request comes from another site'],
  forbidden: [403, 'This is for others'],
  oidc_refused: [403, 'The identity is not trusted'],
  policy_ci_only: [403, 'Only trusted workflows publish here'],
  second_factor: [403, 'A second factor is needed'],
  sign_in_again: [403, 'A recent sign-in is needed'],
  session_required: [403, 'A person must have signed in'],
  token_scope: [403, 'The token does not cover this module'],
  quarantined: [403, 'The version is in quarantine'],
  held: [403, 'The mirror holds this version back'],
  not_found: [404, 'There is no such thing'],
  exists: [409, 'There is one already'],
  version_exists: [409, 'The version exists with other content'],
  approval_own: [403, 'Somebody else must approve'],
  stage_decided: [409, 'It does not wait any more'],
  caps_increase_patch: [422, 'A patch may not do more'],
  not_deletable: [409, 'The version may not be deleted'],
  version_inactive: [409, 'The version is no longer active'],
  tombstoned: [410, 'The version is gone'],
  too_large: [413, 'The module is too large'],
  media_type: [415, 'The body is of another type'],
  range_unsatisfiable: [416, 'The range is beyond the end'],
  archive_invalid: [422, 'The archive cannot be read'],
  digest_mismatch: [422, 'The body is not the one that the digest names'],
  entry_type: [422, 'The archive holds something else than files'],
  password_weak: [422, 'The password is easy to guess'],
  provenance_missing: [422, 'The version does not prove where it comes from'],
  manifest_invalid: [422, 'The manifest is not valid'],
  path_collision: [422, 'Two paths are one on some file systems'],
  path_invalid: [422, 'A path is not allowed'],
  too_many_entries: [422, 'The archive holds too many files'],
  rate_limited: [429, 'Too many attempts'],
  internal: [500, 'The server failed'],
  issuer_down: [503, 'The issuer of the identity cannot be asked'],
  upstream_untrusted: [502, 'The upstream registry cannot be believed'],
  upstream_down: [503, 'The upstream registry cannot be asked'],
  busy: [503, 'The server has too much to do'],
  unavailable: [503, 'The registry cannot use its storage'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof problems

/** A refusal, as the client will read it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly hint: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, detail: string, more: { hint?: string; headers?: Record<string, string> } = {}) {
    super(detail)
    this.code = code
    this.hint = more.hint
    this.headers = more.headers ?? {}
  }

  get status(): number {
    return problems[this.code][0]
  }

  document(): ProblemDocument {
    return {
      type: 'about:blank',
      title: problems[this.code][1],
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    }
  }
}
