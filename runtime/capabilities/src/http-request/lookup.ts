import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { addressAllowed, type Reach } from './policy.ts'

export class AddressDenied extends Error {}

/**
 * A resolver that gives only allowed addresses. The connection is made to the very addresses that were checked, so that
 * a name cannot lead elsewhere a moment later.
 */
export function guardedLookup(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...(options as LookupOptions), all: true }, (error, found) => {
      if (error) {
        callback(error, '', 0)
        return
      }
      const allowed = (found as LookupAddress[]).filter(({ address }) => addressAllowed(address, reach))
      const first = allowed[0]
      if (!first) callback(new AddressDenied(`"${hostname}" leads to private or link-local addresses only`), '', 0)
      else if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}
