/** A registry that others reach through this one. */
export interface Upstream {
  /** Of the path below which it is served: `/mirror/<name>/`. */
  readonly name: string
  /** Without it the mirror was imported, and asks nobody. */
  readonly url: string | null
  /** Fingerprint of its root keys. */
  readonly root: string
  /** `@acme`, or with `*` for any characters. Modules of other scopes do not come from there. */
  readonly scopes: readonly string[]
  /** How long a version has to have been public before it is passed on. */
  readonly minAgeMs: number
}

const nameSyntax = /^[a-z][a-z0-9-]{0,38}$/
const patternSyntax = /^@[a-z0-9*-]{1,40}$|^\*$/

/** @throws when one of its parts is not what it should be. */
export function checkUpstream({ name, url, root, scopes, minAgeMs }: Upstream): void {
  const wrong = (found: string, want: string): Error =>
    new Error(`Cannot mirror "${name}": found ${found}, want ${want}`)
  if (!nameSyntax.test(name)) throw wrong(`the name "${name}"`, 'lower-case letters, digits and "-"')
  if (!/^sha256:[0-9a-f]{64}$/.test(root)) throw wrong(`root "${root}"`, '"sha256:" and 64 hexadecimal digits')
  const other = scopes.find((scope) => !patternSyntax.test(scope))
  if (other !== undefined || scopes.length === 0)
    throw wrong(`the scopes "${scopes.join(', ')}"`, 'patterns such as "@acme" or "@acme-*"')
  if (!(minAgeMs >= 0)) throw wrong(`a least age of ${minAgeMs} ms`, '0 or more')
  if (url === null) return
  const { protocol, hostname } = URL.parse(url) ?? {}
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname ?? '')
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback))
    throw wrong(`the address "${url}"`, '"https:", or "http:" on this machine')
}

export function matchesScope(patterns: readonly string[], scope: string): boolean {
  return patterns.some((pattern) => {
    const source = pattern
      .split('*')
      .map((part) => part.replaceAll(/[^\w@-]/g, ''))
      .join('.*')
    return new RegExp(`^${source}$`).test(scope)
  })
}
