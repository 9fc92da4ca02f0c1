import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** All addresses of a name. */
export type Resolver = (name: string) => Promise<readonly ResolvedAddress[]>

/** As the machine resolves names. @throws when there is none. */
export const systemResolver: Resolver = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }))

/** What a request to somebody else's address may not reach. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/**
 * Whether an address leads to the public internet: none of a private, link-local, loopback or otherwise special range
 * (the registries of RFC 6890), in whatever way IPv6 may write it.
 */
export function isPublicAddress(address: string): boolean {
  const plain = address.split('%')[0]!
  return ipaddr.isValid(plain) && ipaddr.process(plain).range() === 'unicast'
}

/**
 * The address to connect to for a host that somebody else has named. The connection is made to the very address that was
 * looked at, so that a name cannot lead elsewhere a moment later; a name of which one address is not public is refused.
 * @throws AddressRefused
 */
export async function publicAddress(host: string, resolve: Resolver): Promise<ResolvedAddress> {
  const name = host.replace(/^\[|\]$/g, '')
  const family = isIP(name)
  const found = family === 0 ? await resolve(name) : [{ address: name, family: family === 6 ? 6 : 4 } as const]
  const refused = found.find(({ address }) => !isPublicAddress(address))
  if (refused) {
    const what = family === 0 ? `"${name}" leads to ${refused.address}` : `found ${name}`
    throw new AddressRefused(`${what}, want an address of the public internet`)
  }
  if (!found[0]) throw new AddressRefused(`"${name}" has no address`)
  return found[0]
}
