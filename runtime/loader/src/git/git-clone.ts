import { randomUUID } from 'node:crypto'
import { cp, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LoaderError } from '../loader-error.ts'
import { withCloneLock } from './clone-lock.ts'
import { accessPrefix, type GitAuth, withAccess } from './git-auth.ts'
import { checkCheckout, type GitFile, readFileAt, readTree, type RunOnClone } from './git-tree.ts'
import type { RepositoryAddress } from './repository-address.ts'
import { isCommitHash, isWholeHash } from './revision.ts'
import { type GitRun, runGit } from './run-git.ts'

/** A first clone of a large repository over a slow line. */
const fetchTimeoutMs = 300_000
const localTimeoutMs = 120_000
/** What a repository may take on the disk, packed: larger ones hold more than configuration. */
const repositoryBytesMax = 2 ** 30

/** Where a new clone is made before it takes its place, each in a folder of its own: git removes what it could not finish. */
const freshPrefix = 'repo.new-'
const refspecs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']

export interface GitRemote {
  readonly address: RepositoryAddress
  readonly auth: GitAuth | undefined
}

/** A clone in a folder of its own: the work tree in `repo`, beside it what says where it came from. */
export class GitClone {
  readonly #folder: string
  /** The work tree. */
  readonly root: string

  constructor(folder: string) {
    this.#folder = folder
    this.root = join(folder, 'repo')
  }

  /** Brings every branch and tag as the remote has them now. @throws LoaderError; then the clone is as it was. */
  async fetch(remote: GitRemote, signal?: AbortSignal): Promise<void> {
    try {
      await this.#fetch(remote, signal)
    } catch (error) {
      // A first clone that failed leaves an empty folder.
      await rmdir(this.#folder).catch(() => undefined)
      throw error
    }
  }

  async #fetch({ address, auth }: GitRemote, signal: AbortSignal | undefined): Promise<void> {
    await this.#locked(async () => {
      const known = (await this.#origin()) === address.url
      await withAccess(this.#folder, address, auth, async ({ url, env, secrets }) => {
        const run = { timeoutMs: fetchTimeoutMs, signal, scheme: address.scheme, env, secrets }
        try {
          if (known) return await this.#update(url, run)
        } catch (error) {
          if (!isDamage(error)) throw error
        }
        const fresh = join(this.#folder, `${freshPrefix}${randomUUID()}`)
        const args = ['clone', '--quiet', '--no-checkout', '--template=', '--no-recurse-submodules', '--', url, fresh]
        await runGit(args, { ...run, cwd: this.#folder, watch: () => tooLarge(fresh) })
        await this.#replace(fresh, address.url)
      })
    })
  }

  /** The commit that a revision names here: a tag, else a branch of the remote, else a commit. A whole hash is that commit, whatever else bears its name. */
  async resolve({ address }: GitRemote, revision: string): Promise<string | undefined> {
    // Nothing is made for an address that is only asked about: somebody may be typing it.
    if ((await this.#origin()) !== address.url) return undefined
    return this.#locked(async () => {
      if ((await this.#origin()) !== address.url) return undefined
      const names = isWholeHash(revision) ? [] : [`refs/tags/${revision}`, `refs/remotes/origin/${revision}`]
      for (const name of isCommitHash(revision) ? [...names, revision] : names) {
        const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]
        const found = await this.#git(args).catch(noneIfFailed)
        const hash = found?.toString().trim() ?? ''
        if (isWholeHash(hash)) return hash
      }
      return undefined
    })
  }

  /** @throws LoaderError when the commit has no such file. */
  async read(commit: string, path: string): Promise<readonly GitFile[]> {
    return this.#locked(() => readTree(this.#git, commit, path))
  }

  /** One file of a commit, if it has it. */
  async readFile(commit: string, path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    return this.#locked(() => readFileAt(this.#git, commit, path, bytesMax))
  }

  /** Makes the work tree that of a commit. */
  async checkout(commit: string): Promise<void> {
    await this.#locked(async () => {
      const head = await this.#git(['rev-parse', '--verify', '--quiet', 'HEAD']).catch(noneIfFailed)
      const isThere = (await stat(join(this.root, '.git', 'index')).catch(() => undefined)) !== undefined
      if (isThere && head?.toString().trim() === commit) return
      await checkCheckout(this.#git, commit)
      await this.#git(['checkout', '--quiet', '--force', '--detach', commit])
    })
  }

  /** Keeps a commit although no branch or tag may lead to it any more. */
  async keep(commit: string): Promise<void> {
    await this.#locked(() => this.#git(['update-ref', `refs/ingot/${commit}`, commit]))
  }

  /** Becomes a copy of another clone of the same remote. False when that is none. */
  async copy(other: GitClone, { address }: GitRemote): Promise<boolean> {
    return this.#locked(() =>
      other.#locked(async () => {
        if ((await other.#origin()) !== address.url) return false
        const fresh = join(this.#folder, `${freshPrefix}${randomUUID()}`)
        await cp(other.root, fresh, { recursive: true })
        await this.#replace(fresh, address.url)
        return true
      }),
    )
  }

  async #update(url: string, run: Omit<GitRun, 'cwd'>): Promise<void> {
    const args = ['fetch', '--quiet', '--force', '--prune', '--no-tags', '--no-recurse-submodules', '--', url]
    await runGit([...args, ...refspecs], { ...run, cwd: this.root, watch: () => tooLarge(this.root) })
  }

  readonly #git: RunOnClone = (args, input) =>
    runGit(args, { cwd: this.root, timeoutMs: localTimeoutMs, ...(input !== undefined && { input }) })

  /** Which remote the clone is of; `undefined` when there is none. */
  async #origin(): Promise<string | undefined> {
    const url = await readFile(join(this.#folder, 'origin'), 'utf8').catch(() => undefined)
    return url !== undefined && (await isFolder(join(this.root, '.git'))) ? url : undefined
  }

  async #replace(fresh: string, url: string): Promise<void> {
    await rm(join(this.#folder, 'origin'), { force: true })
    await rm(this.root, { recursive: true, force: true })
    await rename(fresh, this.root)
    await writeFile(join(this.#folder, 'origin'), url)
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return withCloneLock(this.#folder, async () => {
      await removeLeftovers(this.#folder)
      return work()
    })
  }
}

/** `rev-parse` fails for a name that is not there. */
function noneIfFailed(error: unknown): undefined {
  if (!(error instanceof LoaderError) || error.code !== 'git-failed') throw error
  return undefined
}

/** A crash of the machine can leave files of a clone empty. Then it is made anew. */
function isDamage(error: unknown): boolean {
  return (
    error instanceof LoaderError &&
    /not a git repository|corrupt|is empty|too small|bad object|object file|unable to read|bad config/i.test(
      error.message,
    )
  )
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function tooLarge(root: string): Promise<string | undefined> {
  const folder = join(root, '.git', 'objects', 'pack')
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  )
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return bytes > repositoryBytesMax ? `the repository has more than ${repositoryBytesMax} bytes` : undefined
}

/** What begins so and outlives its command was left by a crash. */
const leftPrefixes = [freshPrefix, accessPrefix, 'lock.']

/** What commands that were killed have left: nobody else works on the clone while its lock is held. */
async function removeLeftovers(folder: string): Promise<void> {
  const git = join(folder, 'repo', '.git')
  const inClone = ['index.lock', 'HEAD.lock', 'packed-refs.lock', 'shallow.lock', 'config.lock'].map((name) =>
    join(git, name),
  )
  const beside = await entriesOf(folder, (name) => leftPrefixes.some((prefix) => name.startsWith(prefix)))
  const packs = await entriesOf(join(git, 'objects', 'pack'), (name) => name.startsWith('tmp_'))
  const refs = await readdir(join(git, 'refs'), { recursive: true }).catch(() => [])
  const inRefs = refs.filter((name) => name.endsWith('.lock')).map((name) => join(git, 'refs', name))
  for (const path of [...inClone, ...inRefs, ...beside, ...packs]) await rm(path, { recursive: true, force: true })
}

async function entriesOf(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter(wanted).map((name) => join(folder, name))
}
