import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { checkAuth, type GitAuth } from '../git/git-auth.ts'
import { GitClone, type GitRemote } from '../git/git-clone.ts'
import { repositoryPath } from '../git/git-tree.ts'
import { parseRepositoryAddress } from '../git/repository-address.ts'
import { checkRevision } from '../git/revision.ts'
import { LoaderError } from '../loader-error.ts'
import type { RegistryConfig } from './registry-config.ts'
import type { Transport } from './transport.ts'

const prefix = 'git+'

/** Whether a registry is a git repository that is laid out as one: `git+https://…`, `git+ssh://…`, `git+file:…`. */
export function isGitRegistry({ url }: Pick<RegistryConfig, 'url'>): boolean {
  return url.startsWith(prefix)
}

/**
 * Reads the newest commit of the branch `main`, or of the branch, tag or commit after `#`. It is asked once for each
 * client; when it cannot be reached the last good clone goes on, as far as it can be believed.
 */
export function gitTransport(registry: RegistryConfig, cacheDir: string): Transport {
  const { address, revision, clone, remote } = repositoryOf(registry, cacheDir)
  let head: Promise<string> | undefined
  /** The commit that everything is read from: what is published meanwhile is for the next client. */
  const open = async (): Promise<string> => {
    const failed = await clone.fetch(remote).then(
      () => undefined,
      (error: unknown) => error,
    )
    const commit = await clone.resolve(remote, revision)
    if (commit !== undefined) return commit
    if (failed) throw unreachable(registry, failed)
    throw unreachable(registry, new Error(`"${address}" has no branch, tag or commit "${revision}"`))
  }
  return {
    async get(path, bytesMax) {
      head ??= open()
      return clone.readFile(await head, repositoryPath(path), bytesMax)
    },
  }
}

function repositoryOf(registry: RegistryConfig, cacheDir: string) {
  const [text = '', revision = 'main'] = registry.url.slice(prefix.length).split('#')
  const address = parseRepositoryAddress(text)
  const name = createHash('sha256').update(address.url).digest('hex')
  const auth: GitAuth | undefined =
    registry.token === undefined ? undefined : { kind: 'basic', username: 'token', password: registry.token }
  checkAuth(address, auth)
  checkRevision(revision)
  const remote: GitRemote = { address, auth }
  return { address: address.url, revision, remote, clone: new GitClone(join(cacheDir, 'registries', `${name}.git`)) }
}

function unreachable(registry: RegistryConfig, cause: unknown): LoaderError {
  return new LoaderError(
    {
      code: 'registry-unreachable',
      message: `Cannot reach the registry "${registry.name}" (${registry.url}): ${(cause as Error).message}`,
    },
    { cause },
  )
}
