import { isIP } from 'node:net'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { addressRange } from './address-ranges.ts'

/** What a permitted request may connect to, beyond public addresses. */
export interface Reach {
  /** Private and loopback addresses: the user named this very host. */
  readonly private: boolean
  /** Link-local addresses, which hold the metadata services of clouds: the user wrote the address itself. */
  readonly linkLocal: boolean
}
const everywhere: Reach = { private: true, linkLocal: true }

/**
 * Which origins an untrusted component may reach: those that its arguments name, exactly, and those that a granted
 * pattern fits. The addresses that names lead to are checked as well (see {@link addressAllowed}).
 */
export class OriginPolicy {
  readonly #access: Access
  readonly #allowed: () => Designation
  #source: Designation | undefined
  #designated = new Set<string>()

  constructor(access: Access, allowed: () => Designation) {
    this.#access = access
    this.#allowed = allowed
  }

  /** @throws `denied` when nothing allows the origin. */
  check(url: URL): Reach {
    this.#access.used('http.request')
    if (this.#access.trusted) return everywhere
    const allowed = this.#refresh()
    const literal = isIP(hostOf(url)) !== 0
    if (this.#designated.has(url.origin)) return this.#literal({ private: true, linkLocal: literal }, url)
    if (allowed.granted.some((pattern) => originFits(pattern, url))) {
      const named = literal || hostOf(url) === 'localhost'
      return this.#literal({ private: named, linkLocal: literal }, url)
    }
    throw this.#access.denied('http.request', url.origin, 'no grant or argument names the origin')
  }

  #literal(reach: Reach, url: URL): Reach {
    const host = hostOf(url)
    if (isIP(host) !== 0 && !addressAllowed(host, reach)) throw this.addressDenied(url.origin)
    return reach
  }

  addressDenied(target: string): Error {
    return this.#access.denied('http.request', target, 'its address is private or link-local')
  }

  #refresh(): Designation {
    const allowed = this.#allowed()
    if (allowed !== this.#source) {
      this.#source = allowed
      this.#designated = new Set(allowed.designated.flatMap(designatedOrigins))
    }
    return allowed
  }
}

export function addressAllowed(address: string, reach: Reach): boolean {
  const range = addressRange(address)
  return range === 'public' || (range === 'private' && reach.private) || (range === 'link-local' && reach.linkLocal)
}

/** Whether `https://*.acme.example:8443` fits: a leftmost `*` stands for one or more labels; without a scheme https is meant. */
export function originFits(pattern: string, url: URL): boolean {
  const [, scheme = 'https', host = '', port] =
    /^(?:([a-z]+):\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/i.exec(pattern) ?? []
  if (host === '' || `${scheme}:` !== url.protocol) return false
  const urlPort = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  if ((port ?? (scheme === 'https' ? '443' : '80')) !== urlPort) return false
  const wanted = host.toLowerCase()
  if (!wanted.startsWith('*.')) return wanted === url.hostname
  return isIP(hostOf(url)) === 0 && url.hostname.endsWith(wanted.slice(1)) && url.hostname.length > wanted.length - 1
}

/** The host of a URL, an IPv6 address without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
}

/** Origins that an argument's value names: a URL's, or both of `host:port` (an `__address__`). */
function designatedOrigins(value: string): string[] {
  if (/^https?:\/\//i.test(value)) return URL.canParse(value) ? [new URL(value).origin] : []
  const urls = [`http://${value}`, `https://${value}`]
  return urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin)
}
