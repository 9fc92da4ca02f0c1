import type { Principal } from '../../access/principal.ts'

/** Who has signed in, in a route whose action takes nobody else. */
export function signedIn(principal: Principal): Principal & { readonly kind: 'session' } {
  if (principal.kind === 'session') return principal
  throw new Error('The action of this route lets somebody in who has not signed in')
}
