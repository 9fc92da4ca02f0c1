/** What a member may be in a scope (registry.md §2.7), the mightiest first. */
export const roles = ['owner', 'maintainer', 'publisher', 'triager', 'reader'] as const
export type Role = (typeof roles)[number]

/** What a token may be made for, in the order in which it is stored. */
export const tokenPermissions = ['read', 'stage', 'publish', 'yank', 'tag'] as const
export type TokenPermission = (typeof tokenPermissions)[number]

/** One thing that somebody may do. */
export interface Action {
  /**
   * `anyone`: whoever can see the scope that the path names, and everyone where it names none. `user`: who has signed in.
   * `staff`: who runs the registry. Otherwise members of the scope with one of these roles.
   */
  readonly who: 'anyone' | 'user' | 'staff' | readonly Role[]
  /** Permissions of which a token must have one; without them no token will do: a person must have signed in. */
  readonly tokens?: readonly TokenPermission[]
  /** Also those who run the registry, whatever they are in the scope. */
  readonly staff?: true
  /** A second factor must have been shown a short while ago; `where set up`: by those who have one, and others must have signed in then; `once`: in this session. */
  readonly secondFactor?: true | 'where set up' | 'once'
  /** Everybody else is told what they are told where there is nothing; no token will do. */
  readonly hidden?: true
}

const owners = ['owner'] as const
const maintainers = ['owner', 'maintainer'] as const
const publishers = ['owner', 'maintainer', 'publisher'] as const
const triagers = ['owner', 'maintainer', 'triager'] as const

/** Everything that can be done with a registry, and who may. Each route names its action; there is no other rule. */
export const actions = {
  // What anyone may read; of a private scope its members, and tokens that may read.
  'registry.read': { who: 'anyone', tokens: ['read'] },
  'scope.read': { who: 'anyone', tokens: ['read'] },
  'module.read': { who: 'anyone', tokens: ['read'] },

  // Modules and their versions.
  'module.write': { who: maintainers },
  'version.publish': { who: publishers, tokens: ['publish', 'stage'] },
  'version.yank': { who: triagers, tokens: ['yank'] },
  'version.delete': { who: owners, secondFactor: true },
  'version.quarantine': { who: owners, staff: true, secondFactor: true },
  'version.tombstone': { who: 'staff', secondFactor: true },
  'tag.write': { who: maintainers, tokens: ['tag'] },
  'stage.read': { who: publishers, staff: true, tokens: ['stage', 'publish'] },
  'stage.decide': { who: maintainers, staff: true, secondFactor: true },

  // Scopes.
  'scope.create': { who: 'user' },
  'scope.write': { who: owners, secondFactor: true },
  'scope.prove': { who: owners },
  'member.write': { who: owners, secondFactor: true },
  'member.accept': { who: 'user' },
  'publisher.read': { who: owners },
  'publisher.write': { who: owners, secondFactor: true },
  'webhook.read': { who: owners },
  'webhook.write': { who: owners },
  'audit.read': { who: owners, staff: true },
  'advisory.write': { who: owners, staff: true, secondFactor: true },

  // One's own account.
  'session.create': { who: 'anyone' },
  'account.read': { who: 'user' },
  'account.write': { who: 'user' },
  'factor.write': { who: 'user', secondFactor: 'where set up' },
  'token.read': { who: 'user' },
  'token.write': { who: 'user' },
  'oidc.exchange': { who: 'anyone' },

  // The registry itself.
  'report.create': { who: 'anyone' },
  'report.read': { who: 'staff' },
  'report.decide': { who: 'staff', secondFactor: true },
  'registry.audit': { who: 'staff' },
  'registry.run': { who: 'staff', secondFactor: 'once', hidden: true },
  'registry.write': { who: 'staff', secondFactor: true },
  'registry.webhook.read': { who: 'staff' },
  'registry.webhook.write': { who: 'staff', secondFactor: true },
} as const satisfies Readonly<Record<string, Action>>

export type ActionName = keyof typeof actions

/** Whether who may not do it is told that there is nothing. */
export function isHidden(name: ActionName): boolean {
  return 'hidden' in actions[name]
}
