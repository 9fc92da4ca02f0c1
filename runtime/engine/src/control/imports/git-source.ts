import { componentDirectory } from '@ingot/capabilities'
import { GitImport, type GitAuth, type GitContent } from '@ingot/loader'
import type { LockedSource } from '@ingot/manifest'
import { decodeSource } from '@ingot/syntax'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ConfigBlock } from '../config-blocks.ts'
import type { RemoteContent, RemoteSource } from './remote-source.ts'

export interface GitSourceOptions {
  /** Id of the import. */
  readonly id: string
  readonly value: ConfigBlock<'import.git'>
  readonly cacheDir: string
  /** Folder of durable data; without it the clone is in the cache. */
  readonly storageDir: string | undefined
}

/** What an `import.git` block names. */
export class GitSource implements RemoteSource {
  readonly #value: ConfigBlock<'import.git'>
  readonly #clone: GitImport
  readonly #cached: GitImport

  /** @throws LoaderError when an argument cannot be used. */
  constructor({ id, value, cacheDir, storageDir }: GitSourceOptions) {
    const { repository, revision, path } = value
    const options = { repository, revision, path, auth: authOf(value) }
    const name = createHash('sha256').update(`${repository}\n${revision}`).digest('hex')
    this.#value = value
    this.#cached = new GitImport(options, join(cacheDir, 'imports', `git-${name}`))
    this.#clone = storageDir === undefined ? this.#cached : new GitImport(options, componentDirectory(storageDir, id))
  }

  get address(): string {
    return this.#clone.address
  }

  async fetch(signal: AbortSignal): Promise<RemoteContent> {
    return this.#content(await this.#clone.fetch(signal))
  }

  async kept(pinned?: LockedSource): Promise<RemoteContent | undefined> {
    const commit = pinned?.kind === 'git' ? pinned.commit : undefined
    let content = await this.#clone.kept(commit)
    if (!content && this.#clone !== this.#cached && (await this.#cached.kept(commit))) {
      await this.#clone.copy(this.#cached)
      content = await this.#clone.kept(commit)
    }
    return content && this.#content(content)
  }

  async remembered(): Promise<RemoteContent | undefined> {
    const content = await this.#clone.kept()
    return content && this.#content(content)
  }

  async place({ found }: RemoteContent): Promise<void> {
    if (found.kind === 'git') await this.#clone.place(found.commit)
  }

  async keep({ found }: RemoteContent): Promise<void> {
    if (found.kind === 'git') await this.#clone.keep(found.commit)
  }

  async close(): Promise<void> {}

  #content({ commit, files, integrity }: GitContent): RemoteContent {
    const { revision, path } = this.#value
    return {
      texts: files.map((file) => ({ name: file.path, ...decodeSource(file.path, file.bytes) })),
      modulePath: this.#clone.root,
      found: { kind: 'git', repository: this.address, revision, path, commit, integrity },
    }
  }
}

function authOf({ basic_auth: basic, ssh_key: ssh }: ConfigBlock<'import.git'>): GitAuth | undefined {
  if (basic) return { kind: 'basic', username: basic.username, password: basic.password.reveal() }
  if (!ssh) return undefined
  const key = ssh.key ? { text: ssh.key.reveal() } : { file: ssh.key_file }
  return { kind: 'ssh', username: ssh.username, key, passphrase: ssh.passphrase?.reveal() || undefined }
}
