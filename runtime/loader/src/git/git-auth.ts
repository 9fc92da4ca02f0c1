import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LoaderError } from '../loader-error.ts'
import { type RepositoryAddress, withUser } from './repository-address.ts'

/** Who asks for a repository. */
export type GitAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'ssh'
      readonly username: string
      readonly key: { readonly file: string } | { readonly text: string }
      readonly passphrase: string | undefined
    }

/** How one command reaches the repository. */
export interface GitAccess {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/** @throws LoaderError `git-invalid` for credentials of another transport. */
export function checkAuth({ scheme }: RepositoryAddress, auth: GitAuth | undefined): void {
  const overHttp = scheme === 'http' || scheme === 'https'
  if (auth?.kind === 'basic' && !overHttp)
    throw new LoaderError({
      code: 'git-invalid',
      argument: 'basic_auth',
      message: `Cannot use basic_auth over ${scheme}: want http or https`,
    })
  if (auth?.kind === 'ssh' && scheme !== 'ssh')
    throw new LoaderError({
      code: 'git-invalid',
      argument: 'ssh_key',
      message: `Cannot use ssh_key over ${scheme}: want ssh`,
    })
}

/**
 * Gives what a command needs to log in, for as long as it runs. Secrets go through variables and, where ssh wants a key
 * as a file, through a folder that only this user can read: never the command line, never the clone's settings.
 * @param folder where that folder is made
 */
export async function withAccess<T>(
  folder: string,
  address: RepositoryAddress,
  auth: GitAuth | undefined,
  work: (access: GitAccess) => Promise<T>,
): Promise<T> {
  const { url, scheme, username, password } = address
  const inAddress = username !== undefined || password !== undefined
  const own = inAddress ? { kind: 'basic' as const, username: username ?? '', password: password ?? '' } : undefined
  const known = auth ?? own
  if (scheme === 'file' || scheme === 'git' || (scheme !== 'ssh' && !known)) return work({ url, env: {}, secrets: [] })
  const temporary = join(folder, `${accessPrefix}${randomUUID()}`)
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  try {
    const askpass = await script(temporary, 'askpass', askpassText)
    if (scheme !== 'ssh') return await work(overHttp(address, known as GitAuth & { kind: 'basic' }, askpass))
    return await work(await overSsh(temporary, address, auth?.kind === 'ssh' ? auth : undefined, askpass))
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Folders that begin so and outlive their command were left by a crash. */
export const accessPrefix = 'access-'

function overHttp({ url }: RepositoryAddress, auth: GitAuth & { kind: 'basic' }, askpass: string): GitAccess {
  const { username, password } = auth
  const env = {
    GIT_ASKPASS: askpass,
    INGOT_GIT_ORIGIN: new URL(url).origin,
    INGOT_GIT_USERNAME: username,
    INGOT_GIT_PASSWORD: password,
  }
  return { url, env, secrets: [password] }
}

async function overSsh(
  folder: string,
  address: RepositoryAddress,
  auth: (GitAuth & { kind: 'ssh' }) | undefined,
  askpass: string,
): Promise<GitAccess> {
  let key = ''
  if (auth && 'file' in auth.key) key = auth.key.file
  else if (auth && 'text' in auth.key) {
    key = join(folder, 'key')
    await writeFile(key, `${auth.key.text.trim().replaceAll('\r', '')}\n`, { mode: 0o600 })
  }
  const hosts = process.env['SSH_KNOWN_HOSTS']?.split(':').map((path) => `"${path}"`)
  const env = {
    GIT_SSH: await script(folder, 'ssh', sshText),
    GIT_SSH_VARIANT: 'ssh',
    INGOT_GIT_KEY: key,
    INGOT_GIT_KNOWN_HOSTS: hosts?.join(' ') ?? '',
    INGOT_GIT_BATCH: auth?.passphrase === undefined ? 'yes' : 'no',
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: 'force',
    INGOT_GIT_PASSPHRASE: auth?.passphrase ?? '',
  }
  return {
    url: auth?.username ? withUser(address, auth.username) : address.url,
    env,
    secrets: auth?.passphrase === undefined ? [] : [auth.passphrase],
  }
}

async function script(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text, { mode: 0o700 })
  return path
}

/** Answers what git and ssh ask for. A server that redirects elsewhere does not learn the password: the question names its address. */
const askpassText = `#!/bin/sh
scheme=\${INGOT_GIT_ORIGIN%%://*}
host=\${INGOT_GIT_ORIGIN#*://}
case "$1" in
"Username for '$INGOT_GIT_ORIGIN': ") printf '%s\\n' "$INGOT_GIT_USERNAME" ;;
"Password for '$scheme://"*"@$host': ") printf '%s\\n' "$INGOT_GIT_PASSWORD" ;;
"Enter passphrase for "*) printf '%s\\n' "$INGOT_GIT_PASSPHRASE" ;;
*) exit 1 ;;
esac
`

/** Only hosts that are known already, only the given key, nothing of the user's settings. */
const sshText = `#!/bin/sh
if [ -n "$INGOT_GIT_KEY" ]; then set -- -i "$INGOT_GIT_KEY" -o IdentitiesOnly=yes "$@"; fi
if [ -n "$INGOT_GIT_KNOWN_HOSTS" ]; then set -- -o "UserKnownHostsFile=$INGOT_GIT_KNOWN_HOSTS" "$@"; fi
exec ssh -F none -o StrictHostKeyChecking=yes -o PreferredAuthentications=publickey -o BatchMode="$INGOT_GIT_BATCH" \\
  -o NumberOfPasswordPrompts=1 -o ConnectTimeout=30 -o ForwardAgent=no -o ClearAllForwardings=yes "$@"
`
