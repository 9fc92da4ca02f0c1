import { domainToASCII } from 'node:url'
import { Problem } from '../problem.ts'

export type ProofKind = 'dns' | 'repository'

/** What an owner says of their scope: that whoever controls this stands behind it. */
export interface Claim {
  readonly scope: string
  readonly kind: ProofKind
  /** `acme.example`, `https://github.com/acme/redact`. */
  readonly value: string
  /** Random, and another for each claim: it proves no other scope's. */
  readonly challenge: string
}

/** The file of a repository's default branch that has the text. */
const filePath = '.well-known/ingot-scope.txt'
/** A name of its own (RFC 8552), so that nobody who sets a record for something else proves anything. */
const dnsLabel = '_ingot'

const domain = /^(?=.{4,240}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/
const repositoryPath = /^(?:\/[A-Za-z0-9._~-]{1,100}){2,6}$/

/** The line or record that must be found. */
export function wantedText({ scope, challenge }: Claim): string {
  return `ingot-scope=${scope} ${challenge}`
}

/** Where it must be found: the name of a TXT record; addresses of a file, of which one has to have it. */
export function wantedPlaces({ kind, value }: Claim): readonly [string, ...string[]] {
  if (kind === 'dns') return [`${dnsLabel}.${value}`]
  const { host, pathname } = new URL(value)
  if (host === 'github.com') return [`https://raw.githubusercontent.com${pathname}/HEAD/${filePath}`]
  // As GitLab has it; as Gitea, Forgejo and Bitbucket do.
  return [`${value}/-/raw/HEAD/${filePath}`, `${value}/raw/HEAD/${filePath}`]
}

/** Where a person puts it. */
export function instruction(claim: Claim): { readonly where: string; readonly text: string } {
  const text = wantedText(claim)
  if (claim.kind === 'dns') return { where: `TXT record of ${wantedPlaces(claim)[0]}`, text }
  return { where: `line of ${filePath} in the default branch of ${claim.value}`, text }
}

/** The one way to write a domain or a repository. @throws Problem `request_invalid` */
export function canonicalValue(kind: ProofKind, text: string): string {
  if (kind === 'dns') {
    // What parses names as URLs do leaves out what stands after a slash.
    const plain = /[\s/\\?#@:%[\]]/.test(text) ? '' : domainToASCII(text.replace(/\.$/, '')).toLowerCase()
    if (domain.test(plain)) return plain
    throw invalid(text, 'want a domain such as "acme.example"')
  }
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
  const path = url?.pathname.replace(/\/+$/, '').replace(/\.git$/, '') ?? ''
  const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url?.protocol === 'https:' && plain && repositoryPath.test(path)) return `https://${url.host}${path}`
  throw invalid(text, 'want the address of a repository such as "https://github.com/acme/redact"')
}

function invalid(text: string, wanted: string): Problem {
  return new Problem('request_invalid', `Cannot prove "${text}": ${wanted}`)
}
