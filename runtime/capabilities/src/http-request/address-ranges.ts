import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** What an address belongs to, as far as policy cares. */
export type AddressRange = 'public' | 'private' | 'link-local'

const privateRanges = new BlockList()
const linkLocalRanges = new BlockList()

// RFC 6890 and its registry: what does not lead to the public internet.
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  privateRanges.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['ff00::', 8],
] as const) {
  privateRanges.addSubnet(network, prefix, 'ipv6')
}
linkLocalRanges.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocalRanges.addSubnet('fe80::', 10, 'ipv6')
// The metadata services of clouds that are not link-local.
linkLocalRanges.addAddress('fd00:ec2::254', 'ipv6')
linkLocalRanges.addAddress('100.100.100.200', 'ipv4')

/** Classifies a literal IP address; IPv6 forms of IPv4 addresses count as these. */
export function addressRange(address: string): AddressRange {
  const plain = address.split('%')[0]!
  const mapped = embeddedIPv4(plain)
  if (mapped) return addressRange(mapped)
  const family = isIPv4(plain) ? 'ipv4' : isIPv6(plain) ? 'ipv6' : undefined
  if (family === undefined) return 'private'
  if (linkLocalRanges.check(plain, family)) return 'link-local'
  return privateRanges.check(plain, family) ? 'private' : 'public'
}

/** The IPv4 address inside `::ffff:a.b.c.d` (RFC 4291) and `64:ff9b::a.b.c.d` (RFC 6052), however it is written. */
function embeddedIPv4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined
  const groups = expandIPv6(address)
  const head = groups.slice(0, 6).join(':')
  if (head !== '0:0:0:0:0:ffff' && head !== '64:ff9b:0:0:0:0') return undefined
  const high = Number.parseInt(groups[6]!, 16)
  const low = Number.parseInt(groups[7]!, 16)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function expandIPv6(address: string): string[] {
  // The URL parser writes every form of an address in the one of RFC 5952, dotted tails included.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [left = '', right] = canonical.split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array<string>(zeros).fill('0'), ...tail]
}
