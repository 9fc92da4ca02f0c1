import type { LookupFunction } from 'node:net'
import type { ResolvedAddress } from './public-address.ts'

/** Has a connection made to an address that was looked at, and to no other. */
export function lookupOf({ address, family }: ResolvedAddress): LookupFunction {
  return (_name, { all }, done) => (all ? done(null, [{ address, family }]) : done(null, address, family))
}

/** What a name resolves to, unless that takes longer than the whole request may. */
export async function resolvedWithin<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('its name was not resolved in time')), { once: true }),
  )
  return Promise.race([work, late])
}
