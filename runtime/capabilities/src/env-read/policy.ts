import type { Designation } from '../access/designation.ts'

/** Names of environment variables: as granted, or with a `*` at the end. Arguments never name variables: the configuration has `sys.env` for that. */
export function variableAllowed(allowed: Designation, name: string): boolean {
  return allowed.granted.some((grant) => (grant.endsWith('*') ? name.startsWith(grant.slice(0, -1)) : grant === name))
}
