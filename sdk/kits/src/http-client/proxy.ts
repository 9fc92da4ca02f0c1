import type { Variables } from '@ingot/sdk'

export interface ProxyArguments {
  readonly proxy_url?: string | undefined
  readonly no_proxy?: string | undefined
  readonly proxy_from_environment: boolean
}

/** The proxy for a request to `url`, or nothing. `vars` is needed only for `proxy_from_environment`. */
export function proxyFor(args: ProxyArguments, url: string, vars: Variables | undefined): string | undefined {
  const target = /^(https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/i.exec(url)
  if (!target) return undefined
  const scheme = target[1]!.toLowerCase()
  const host = target[2]!.replace(/^\[|\]$/g, '').toLowerCase()
  const port = target[3] ?? (scheme === 'https' ? '443' : '80')
  if (!args.proxy_from_environment) {
    return args.proxy_url && !bypasses(args.no_proxy ?? '', host, port) ? args.proxy_url : undefined
  }
  const variable = (name: string) => vars?.get(name.toUpperCase()) ?? vars?.get(name.toLowerCase()) ?? ''
  const proxy = variable(`${scheme}_proxy`)
  // Go's rule: requests to this host never use a proxy from the environment.
  if (proxy === '' || host === 'localhost' || host.startsWith('127.') || host === '::1') return undefined
  if (bypasses(variable('no_proxy'), host, port)) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function bypasses(list: string, host: string, port: string): boolean {
  return list.split(',').some((entry) => {
    const text = entry.trim().toLowerCase()
    if (text === '') return false
    if (text === '*') return true
    if (text.includes('/')) return inNetwork(text, host)
    const [, name = text, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(text)!
    if (wantedPort !== undefined && wantedPort !== port) return false
    if (name.startsWith('.') || name.startsWith('*.')) return host.endsWith(name.replace('*', ''))
    return host === name || host.endsWith(`.${name}`)
  })
}

/** IPv4 networks in CIDR notation. */
function inNetwork(network: string, host: string): boolean {
  const [address, bits] = network.split('/')
  const base = ipv4(address!)
  const found = ipv4(host)
  const length = Number(bits)
  if (base === undefined || found === undefined || !(length >= 0 && length <= 32)) return false
  const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0
  return ((base ^ found) & mask) === 0
}

function ipv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (!parts || parts.some((part) => part > 255)) return undefined
  return ((parts[0]! << 24) | (parts[1]! << 16) | (parts[2]! << 8) | parts[3]!) >>> 0
}
