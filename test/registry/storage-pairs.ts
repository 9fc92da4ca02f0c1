import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, createToken, openRegistry, type Registry, type StorageOptions } from '@ingot/registry-server'
import { publishTo, type TestModule } from '@ingot/registry-server/testing'
import { PostgreSql } from '../servers/postgresql.ts'
import { S3Server, s3Credentials } from '../servers/s3.ts'

export interface StoragePair {
  readonly database: 'SQLite' | 'PostgreSQL'
  readonly blobs: 'files' | 'S3'
}

/** Whatever holds for one of them must hold for all. */
export const storagePairs: readonly StoragePair[] = [
  { database: 'SQLite', blobs: 'files' },
  { database: 'SQLite', blobs: 'S3' },
  { database: 'PostgreSQL', blobs: 'files' },
  { database: 'PostgreSQL', blobs: 'S3' },
]

/** Real servers for storage of every pair, started when the first asks for them. */
export class StorageServers {
  readonly #dir: string
  readonly #postgresPath: string
  readonly #closing: (() => Promise<void>)[] = []
  readonly #folders: string[]
  #postgres: Promise<PostgreSql> | undefined
  #s3: Promise<S3Server> | undefined

  private constructor(dir: string, postgresPath: string) {
    this.#dir = dir
    this.#postgresPath = postgresPath
    this.#folders = [dir]
  }

  static async create(postgresPath: string): Promise<StorageServers> {
    // The registry's client finds them where Amazon's tools look first; processes inherit them.
    Object.assign(process.env, s3Credentials)
    return new StorageServers(await mkdtemp(join(tmpdir(), 'ingot-storage-')), postgresPath)
  }

  /** Storage in which nothing is yet. */
  async storage({ database, blobs }: StoragePair): Promise<StorageOptions> {
    const dataDir = await mkdtemp(join(this.#dir, 'data-'))
    this.#postgres ??= database === 'PostgreSQL' ? this.#startPostgres() : undefined
    this.#s3 ??= blobs === 'S3' ? S3Server.start(join(this.#dir, 's3')) : undefined
    return {
      dataDir,
      ...(database === 'PostgreSQL' ? { database: await (await this.#postgres!).createDatabase() } : {}),
      ...(blobs === 'S3' ? { blobs: (await this.#s3!).location() } : {}),
    }
  }

  /** Takes every server away while `work` runs. */
  async without(work: () => Promise<void>): Promise<void> {
    const [postgres, s3] = [await this.#postgres, await this.#s3]
    await Promise.all([postgres?.stop(), s3?.stop()])
    await work()
    await Promise.all([postgres?.restart(), s3?.restart()])
  }

  async #startPostgres(): Promise<PostgreSql> {
    // Not below a folder that is ours alone: as root it runs as somebody else.
    const dir = await mkdtemp(join(tmpdir(), 'ingot-postgres-'))
    this.#folders.push(dir)
    return PostgreSql.start({ path: this.#postgresPath, dir })
  }

  /** A registry on it that listens, in this process, until {@link StorageServers.stop} at the latest. */
  async serve(
    storage: StorageOptions,
    onError: (error: unknown) => void = (error) => console.error(error),
  ): Promise<ServedRegistry> {
    const registry = await openRegistry({ ...storage, url: 'http://registry.test' })
    const app = createServer(registry, { onError })
    await app.listen({ host: '127.0.0.1', port: 0 })
    let closed: Promise<void> | undefined
    const close = (): Promise<void> => (closed ??= app.close().then(() => registry.close()))
    this.#closing.push(close)
    const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '*' })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    return { registry, url, close, publish: (module) => publishTo(url, token, module) }
  }

  /** Whatever of it fails, the rest is stopped too. */
  async stop(): Promise<void> {
    const closed = await Promise.allSettled(this.#closing.map((close) => close()))
    const stopped = await Promise.allSettled([this.#postgres, this.#s3].map(async (server) => (await server)?.stop()))
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
    const failed = [...closed, ...stopped].find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
  }
}

export interface ServedRegistry {
  readonly registry: Registry
  readonly url: string
  publish(module: TestModule): Promise<Response>
  close(): Promise<void>
}
