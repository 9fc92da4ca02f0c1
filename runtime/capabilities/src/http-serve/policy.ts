import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { parseAddress } from './bind.ts'

/** An untrusted component may listen on exactly the addresses that its arguments or its grant name. */
export function checkListen(access: Access, allowed: Designation, address: string): void {
  access.used('http.serve')
  if (access.trusted) return
  const wanted = parseAddress(address)
  const fits = (named: string) => {
    const given = parseAddress(named)
    return given !== undefined && wanted !== undefined && given.host === wanted.host && given.port === wanted.port
  }
  if (![...allowed.designated, ...allowed.granted].some(fits)) {
    throw access.denied('http.serve', address, 'no grant or argument names the address')
  }
}
