import {
  addModule,
  defaultCacheDir,
  defaultPolicy,
  ModuleCache,
  packModule,
  publishModule,
  readLock,
  writeLock,
} from '@ingot/loader'
import { createServer, createToken, openRegistry } from '@ingot/registry-server'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A real registry on loopback, in the test's own process. */
export class TestRegistry {
  readonly url: string
  readonly #dataDir: string
  readonly #close: () => Promise<void>
  readonly #createToken: () => Promise<string>

  private constructor(url: string, dataDir: string, createToken: () => Promise<string>, close: () => Promise<void>) {
    this.url = url
    this.#dataDir = dataDir
    this.#createToken = createToken
    this.#close = close
  }

  /** `dataDir`: an empty folder, or that of a former registry. */
  static async start(dataDir: string): Promise<TestRegistry> {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const registry = await openRegistry({ dataDir, url })
    const app = createServer(registry, { onError: (error) => process.stderr.write(`${String(error)}\n`) })
    await app.listen({ host: '127.0.0.1', port })
    const token = async () => (await createToken(registry.meta.tokens, { modules: '*', description: 'test' })).token
    return new TestRegistry(url, dataDir, token, async () => {
      await app.close()
      await registry.close()
    })
  }

  get dataDir(): string {
    return this.#dataDir
  }

  /** Packs and publishes the module in a folder. */
  async publish(moduleDir: string): Promise<void> {
    await publishModule(await packModule(moduleDir), { registryUrl: this.url, token: await this.#createToken() })
  }

  /** The `registry` block of a configuration that takes a scope from here. */
  block(scope: string): string {
    return `registry "${scope.slice(1)}" {
      url    = "${this.url}"
      scopes = ["${scope}"]
      min_release_age = "0s"
    }`
  }

  /** Pins a module for `config.alloy` in `dir`, as `ingot module add` does. */
  async pin(dir: string, module: string, namespace: string): Promise<void> {
    const lockPath = join(dir, 'ingot.lock')
    const scope = module.slice(0, module.indexOf('/'))
    const added = await addModule({
      file: 'config.alloy',
      namespace,
      module,
      version: '^1.0.0',
      registries: [
        { name: scope.slice(1), url: this.url, scopes: [scope], policy: { ...defaultPolicy, minReleaseAgeMs: 0 } },
      ],
      lock: await readLock(lockPath),
      cache: new ModuleCache(defaultCacheDir(root)),
    })
    await writeLock(lockPath, added.lock)
  }

  stop(): Promise<void> {
    return this.#close()
  }
}
