import { isAbsolute, resolve } from 'node:path'
import { LoaderError } from '../loader-error.ts'

/** The transports that git may use. Others run programs that the address names (`ext::`), or are relics. */
const schemes = ['https', 'http', 'ssh', 'git', 'file'] as const
export type GitScheme = (typeof schemes)[number]

export interface RepositoryAddress {
  /** As git takes it, without a password. */
  readonly url: string
  readonly scheme: GitScheme
  /** With the port, where one is given; `''` for `file`. */
  readonly host: string
  /** What the address itself says of who asks. */
  readonly username: string | undefined
  readonly password: string | undefined
}

/** Reads a repository's address: a URL, `user@host:path` for SSH, or the path of a folder. @throws LoaderError `git-invalid`. */
export function parseRepositoryAddress(text: string): RepositoryAddress {
  // Git takes what begins so for an option, or for the name of a program ("ext::…").
  if (/^-|\p{Cc}|^[a-z\d+.-]+::/iu.test(text)) throw invalid(text)
  if (isAbsolute(text) || /^\.{1,2}\//.test(text)) return local(`file://${resolve(text).replaceAll('%', '%25')}`)
  const scp = /^(?:([^@/:\s]+)@)?([\w.-]+|\[[\da-f:.]+\]):(?!\/\/)([^\s].*)$/i.exec(text)
  if (scp) return overSsh(scp[1], scp[2]!, scp[3]!)
  if (!URL.canParse(text)) throw invalid(text)
  const url = new URL(text)
  const scheme = schemes.find((one) => url.protocol === `${one}:`)
  if (!scheme) throw invalid(text)
  if (scheme === 'file') return local(text)
  if (url.hostname === '' || url.hostname.startsWith('-')) throw invalid(text)
  const [username, password] = [url.username, url.password].map((part) => (part === '' ? undefined : decoded(part)))
  url.password = ''
  if (scheme !== 'ssh') url.username = ''
  return { url: url.href, scheme, host: url.host, username, password }
}

/** The address with another user: SSH takes the user from there. */
export function withUser(address: RepositoryAddress, user: string): string {
  if (address.url.includes('://'))
    return address.url.replace(/^(ssh:\/\/)(?:[^@/]*@)?/, `$1${encodeURIComponent(user)}@`)
  return `${user}@${address.url.replace(/^[^@/:]+@/, '')}`
}

function local(url: string): RepositoryAddress {
  return { url, scheme: 'file', host: '', username: undefined, password: undefined }
}

function overSsh(user: string | undefined, host: string, path: string): RepositoryAddress {
  if (host.startsWith('-') || user?.startsWith('-') || path.startsWith('-')) throw invalid(`${host}:${path}`)
  const url = `${user === undefined ? '' : `${user}@`}${host}:${path}`
  return { url, scheme: 'ssh', host, username: user, password: undefined }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function invalid(text: string): LoaderError {
  const shown = text.replace(/\/\/[^/@]*@/, '//')
  return new LoaderError({
    code: 'git-invalid',
    argument: 'repository',
    message: `Cannot use ${JSON.stringify(shown)} as a git repository: want an address with https, http, ssh, git or file, "user@host:path", or the path of a folder`,
  })
}
