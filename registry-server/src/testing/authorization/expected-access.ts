import type { CallerName } from './callers.ts'

const everyone = [
  'anonymous',
  'owner',
  'owner, password alone',
  'maintainer',
  'publisher',
  'triager',
  'reader',
  'stranger',
  'staff',
  'staff, password alone',
  'token read',
  'token stage',
  'token publish',
  'token yank',
  'token tag',
  'token of another scope',
] as const satisfies readonly CallerName[]

const signedIn = everyone.filter((name) => name !== 'anonymous' && !name.startsWith('token'))

export interface ExpectedAccess {
  /** Who may. Whose token has ended may nothing at all. */
  readonly callers: readonly CallerName[]
  /** Reading is open: of a private scope this says who sees it, and everybody else is told that it is not there. */
  readonly ofPrivate?: readonly CallerName[]
  /** Everybody else is told that there is nothing. */
  readonly hidden?: true
  /** As the OpenAPI document writes them. */
  readonly endpoints: readonly string[]
}

const seeing = [
  'owner',
  'owner, password alone',
  'maintainer',
  'publisher',
  'triager',
  'reader',
  'staff',
  'staff, password alone',
  'token read',
] as const satisfies readonly CallerName[]

/**
 * Who may do what, written down by hand and apart from the table that the server decides by: an endpoint that is not here
 * has not been thought about.
 */
export const expectedAccess: readonly ExpectedAccess[] = [
  {
    callers: everyone,
    endpoints: [
      'GET /',
      'GET /.well-known/ingot.json',
      'GET /advisories/all.ndjson',
      'GET /advisories/all.sig',
      'GET /api',
      'GET /api/v1/events',
      'GET /api/v1/log/proof',
      'GET /api/v1/oidc/audience',
      'GET /api/v1/openapi.json',
      'GET /api/v1/search',
      'GET /compare',
      'GET /feeds/all.atom',
      'GET /feeds/capability-increase.atom',
      'GET /keys/root.json',
      'GET /keys/{version}.root.json',
      'GET /log',
      'GET /log/checkpoint',
      'GET /log/tile/{path}',
      'GET /mirror/{upstream}/{path}',
      'GET /robots.txt',
      'GET /search',
      'GET /sitemap.xml',
      'GET /~{user}',
      // How one becomes somebody.
      'POST /api/v1/account/set-up',
      'POST /api/v1/device',
      'POST /api/v1/device/token',
      'POST /api/v1/oidc/exchange',
      'DELETE /api/v1/session',
      'GET /api/v1/session',
      'POST /api/v1/session',
      'POST /api/v1/session/second-factor',
      'GET /set-up',
      'POST /set-up',
      'GET /sign-in',
      'POST /sign-in',
      'GET /sign-in/second-factor',
      'POST /sign-in/second-factor',
      'POST /sign-out',
    ],
  },
  {
    callers: everyone,
    ofPrivate: seeing,
    endpoints: [
      'GET /@{scope}',
      'GET /@{scope}/{name}',
      'GET /@{scope}/{name}/capabilities',
      'GET /@{scope}/{name}/dependencies',
      'GET /@{scope}/{name}/dependents',
      'GET /@{scope}/{name}/diff',
      'GET /@{scope}/{name}/diff/{range}',
      'GET /@{scope}/{name}/docs',
      'GET /@{scope}/{name}/files',
      'GET /@{scope}/{name}/files/{path}',
      'GET /@{scope}/{name}/security',
      'GET /@{scope}/{name}/versions',
      'GET /@{scope}/{name}/{version}',
      'GET /@{scope}/{name}/{version}/capabilities',
      'GET /@{scope}/{name}/{version}/dependencies',
      'GET /@{scope}/{name}/{version}/dependents',
      'GET /@{scope}/{name}/{version}/docs',
      'GET /@{scope}/{name}/{version}/files',
      'GET /@{scope}/{name}/{version}/files/{path}',
      'GET /@{scope}/{name}/{version}/provenance',
      'GET /@{scope}/{name}/{version}/security',
      'GET /@{scope}/{name}/{version}/versions',
      'GET /advisories/@{scope}/{name}.json',
      'GET /api/v1/diff/@{scope}/{name}',
      'GET /api/v1/modules/@{scope}/{name}',
      'GET /api/v1/modules/@{scope}/{name}/downloads',
      'GET /api/v1/modules/@{scope}/{name}/log',
      'GET /api/v1/scopes/@{scope}',
      'GET /api/v1/scopes/@{scope}/members',
      'GET /badges/@{scope}/{name}/downloads.svg',
      'GET /badges/@{scope}/{name}/version.svg',
      'GET /blobs/sha512/{hex}',
      'GET /compat/renovate/@{scope}/{name}.json',
      'GET /feeds/@{scope}.atom',
      'GET /feeds/@{scope}/{name}.atom',
      'GET /index/@{scope}/{name}.ndjson',
      'GET /index/@{scope}/{name}.sig',
      'GET /log/{index}',
      'GET /m/@{scope}/{name}/{version}/bundle.json',
      'GET /m/@{scope}/{name}/{version}/files/{path}',
      'GET /m/@{scope}/{name}/{version}/manifest.json',
    ],
  },
  {
    callers: signedIn,
    endpoints: [
      'GET /account',
      'POST /account/invitations',
      'POST /account/scopes',
      'POST /account/sessions/end',
      'POST /account/tokens',
      'POST /account/tokens/end',
      'POST /account/totp',
      'POST /account/totp/confirm',
      'GET /api/v1/account/factors',
      'PUT /api/v1/account/password',
      'POST /api/v1/account/recovery-codes',
      'DELETE /api/v1/account/totp',
      'POST /api/v1/account/totp',
      'POST /api/v1/account/totp/confirm',
      'GET /api/v1/device/{code}',
      'DELETE /api/v1/device/{code}',
      'POST /api/v1/device/{code}/approve',
      'GET /api/v1/scopes',
      'POST /api/v1/scopes',
      // Whoever was invited, which only they and the scope know.
      'POST /api/v1/scopes/@{scope}/membership',
      'DELETE /api/v1/scopes/@{scope}/membership',
      'GET /api/v1/sessions',
      'DELETE /api/v1/sessions/{id}',
      'GET /api/v1/tokens',
      'POST /api/v1/tokens',
      'DELETE /api/v1/tokens/{id}',
      'GET /device',
      'POST /device',
    ],
  },
  {
    callers: ['owner', 'owner, password alone', 'maintainer', 'publisher', 'token publish', 'token stage'],
    endpoints: ['POST /api/v1/modules/@{scope}/{name}/versions/{version}'],
  },
  {
    callers: ['owner', 'owner, password alone', 'maintainer', 'triager', 'token yank'],
    endpoints: [
      'GET /@{scope}/{name}/{version}/withdraw',
      'POST /@{scope}/{name}/{version}/withdraw',
      'POST /api/v1/modules/@{scope}/{name}/deprecate',
      'POST /api/v1/modules/@{scope}/{name}/versions/{version}/deprecate',
      'POST /api/v1/modules/@{scope}/{name}/versions/{version}/unyank',
      'POST /api/v1/modules/@{scope}/{name}/versions/{version}/yank',
    ],
  },
  {
    callers: ['owner', 'owner, password alone', 'maintainer', 'token tag'],
    endpoints: ['PUT /api/v1/modules/@{scope}/{name}/tags/{tag}', 'DELETE /api/v1/modules/@{scope}/{name}/tags/{tag}'],
  },
  {
    callers: [
      'owner',
      'owner, password alone',
      'maintainer',
      'publisher',
      'staff',
      'staff, password alone',
      'token publish',
      'token stage',
    ],
    endpoints: [
      'GET /@{scope}/stages',
      'GET /@{scope}/{name}/stages/{id}',
      'GET /api/v1/modules/@{scope}/{name}/stages/{id}',
      'GET /api/v1/scopes/@{scope}/stages',
    ],
  },
  {
    callers: ['owner', 'maintainer', 'staff'],
    endpoints: [
      'POST /@{scope}/{name}/stages/{id}',
      'DELETE /api/v1/modules/@{scope}/{name}/stages/{id}',
      'POST /api/v1/modules/@{scope}/{name}/stages/{id}/approve',
    ],
  },
  {
    callers: ['owner', 'owner, password alone'],
    endpoints: [
      'GET /@{scope}/settings',
      'POST /@{scope}/settings/proofs',
      'POST /@{scope}/settings/publishers/test',
      'GET /api/v1/scopes/@{scope}/proofs',
      'POST /api/v1/scopes/@{scope}/proofs',
      'DELETE /api/v1/scopes/@{scope}/proofs/{id}',
      'POST /api/v1/scopes/@{scope}/proofs/{id}/check',
      'GET /api/v1/scopes/@{scope}/trusted-publishers',
      'POST /api/v1/scopes/@{scope}/trusted-publishers/test',
    ],
  },
  {
    callers: ['owner', 'owner, password alone', 'staff', 'staff, password alone'],
    endpoints: ['GET /@{scope}/audit', 'GET /api/v1/scopes/@{scope}/audit'],
  },
  {
    callers: ['owner'],
    endpoints: [
      'POST /@{scope}/settings/members',
      'POST /@{scope}/settings/policy',
      'POST /@{scope}/settings/publishers',
      'PATCH /api/v1/scopes/@{scope}',
      'PUT /api/v1/scopes/@{scope}/members/{user}',
      'DELETE /api/v1/scopes/@{scope}/members/{user}',
      'POST /api/v1/scopes/@{scope}/trusted-publishers',
      'DELETE /api/v1/scopes/@{scope}/trusted-publishers/{id}',
      'DELETE /api/v1/modules/@{scope}/{name}/versions/{version}',
    ],
  },
  {
    callers: ['owner', 'staff'],
    endpoints: [
      'POST /api/v1/modules/@{scope}/{name}/versions/{version}/quarantine',
      'POST /api/v1/modules/@{scope}/{name}/versions/{version}/release',
      'POST /api/v1/scopes/@{scope}/advisories',
      'PUT /api/v1/scopes/@{scope}/advisories/{id}',
      'DELETE /api/v1/scopes/@{scope}/advisories/{id}',
    ],
  },
  { callers: ['staff'], endpoints: ['POST /api/v1/modules/@{scope}/{name}/versions/{version}/tombstone'] },
  { callers: ['staff', 'staff, password alone'], endpoints: ['GET /api/v1/audit'] },
  {
    callers: ['staff'],
    hidden: true,
    endpoints: [
      'GET /admin',
      'GET /admin/audit',
      'GET /admin/jobs',
      'GET /admin/keys',
      'GET /admin/mirrors',
      'GET /admin/quarantine',
      'POST /admin/quarantine',
      'GET /admin/waiting',
    ],
  },
]

/** Whether somebody sees a private scope whose members they may be. */
export function sees(caller: CallerName): boolean {
  return (seeing as readonly CallerName[]).includes(caller)
}
