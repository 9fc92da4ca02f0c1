import { integrity } from '@ingot/trust'
import { join } from 'node:path'
import { LoaderError } from '../loader-error.ts'
import { checkAuth, type GitAuth } from './git-auth.ts'
import { GitClone, type GitRemote } from './git-clone.ts'
import { type GitFile, repositoryPath } from './git-tree.ts'
import { parseRepositoryAddress } from './repository-address.ts'
import { checkRevision, isWholeHash } from './revision.ts'

export interface GitImportOptions {
  readonly repository: string
  /** A tag, a branch or a commit. */
  readonly revision: string
  /** A file, or a folder whose *.alloy files are meant. */
  readonly path: string
  readonly auth?: GitAuth | undefined
}

/** What a path of a repository holds at one commit. */
export interface GitContent {
  readonly commit: string
  /** By their paths in the work tree. */
  readonly files: readonly GitFile[]
  /** `sha256-<base64>` of the files' names and bytes. */
  readonly integrity: string
}

/** A file or folder of a git repository, in a clone that outlives the process. */
export class GitImport {
  readonly #options: GitImportOptions
  readonly #path: string
  readonly #remote: GitRemote
  readonly #clone: GitClone

  /** @param folder of the clone. @throws LoaderError `git-invalid`. */
  constructor(options: GitImportOptions, folder: string) {
    const address = parseRepositoryAddress(options.repository)
    checkAuth(address, options.auth)
    checkRevision(options.revision)
    this.#options = options
    this.#path = repositoryPath(options.path)
    this.#remote = { address, auth: options.auth }
    this.#clone = new GitClone(folder)
  }

  /** The work tree. */
  get root(): string {
    return this.#clone.root
  }

  /** The repository without credentials. */
  get address(): string {
    return this.#remote.address.url
  }

  /** Asks the remote, and gives what the revision names there now. @throws LoaderError */
  async fetch(signal?: AbortSignal): Promise<GitContent> {
    const { revision } = this.#options
    if (!isWholeHash(revision) || !(await this.#clone.resolve(this.#remote, revision)))
      await this.#clone.fetch(this.#remote, signal)
    const content = await this.kept()
    if (content) return content
    throw new LoaderError({
      code: 'git-invalid',
      message: `the repository has no tag, branch or commit "${revision}"`,
    })
  }

  /** What the revision, or the commit of it that is pinned, names in the clone; `undefined` when it is not there. Asks nobody. */
  async kept(commit?: string): Promise<GitContent | undefined> {
    const found = await this.#clone.resolve(this.#remote, commit ?? this.#options.revision)
    if (found === undefined) return undefined
    const files = await this.#clone.read(found, this.#path)
    const named = files.map(({ path, bytes }) => ({ path: join(this.root, path), bytes }))
    return { commit: found, files: named, integrity: contentIntegrity(files) }
  }

  /** Makes the work tree that of a commit, for what is read from there. */
  place(commit: string): Promise<void> {
    return this.#clone.checkout(commit)
  }

  /** Keeps a commit although no branch or tag may lead to it any more. */
  keep(commit: string): Promise<void> {
    return this.#clone.keep(commit)
  }

  /** Takes over what another clone of the repository has. */
  async copy(other: GitImport): Promise<void> {
    await this.#clone.copy(other.#clone, this.#remote)
  }
}

function contentIntegrity(files: readonly GitFile[]): string {
  return integrity('sha256', JSON.stringify(files.map(({ path, bytes }) => [path, integrity('sha256', bytes)])))
}
