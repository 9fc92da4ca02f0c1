import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addModule, defaultPolicy, ModuleCache, packModule, publishModule, writeLock } from '@ingot/loader'
import type { Lockfile } from '@ingot/manifest'
import { createServer, createToken, openRegistry } from '@ingot/registry-server'
import { parse, type BlockStatement } from '@ingot/syntax'
import { root } from './reference-pages.ts'

/** Where the documentation says that a registry is. */
export const documentedUrl = 'http://127.0.0.1:8900'

/** A registry that holds the module of the examples, so that imports of it resolve as they do for a reader. */
export class ExampleRegistry {
  readonly url: string
  readonly #close: () => Promise<void>

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  static async start(): Promise<ExampleRegistry> {
    const dataDir = await mkdtemp(join(tmpdir(), 'ingot-docs-registry-'))
    const registry = await openRegistry({ dataDir, url: documentedUrl })
    const app = createServer(registry)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const { tokens } = registry.meta
    const { token } = await createToken(tokens, { modules: '*', description: 'documentation', lifetimeDays: 1 })
    await publishModule(await packModule(join(root, 'examples/modules/redact')), { registryUrl: url, token })
    return new ExampleRegistry(url, async () => {
      await app.close()
      await registry.close()
      await rm(dataDir, { recursive: true, force: true })
    })
  }

  /** Does what `ingot module add` does for every import of a configuration. */
  async pin(text: string, file: string, folder: string, cacheDir: string): Promise<void> {
    let lock: Lockfile | undefined
    for (const statement of parse(file, text).file.body.statements) {
      if (statement.kind !== 'block' || nameOf(statement) !== 'import.module') continue
      const added = await addModule({
        file,
        namespace: statement.label!.text,
        module: stringOf(statement, 'module'),
        version: stringOf(statement, 'version'),
        registries: [
          {
            name: registryNameIn(text),
            url: this.url,
            scopes: ['@acme'],
            policy: { ...defaultPolicy, minReleaseAgeMs: 0 },
          },
        ],
        lock,
        cache: new ModuleCache(cacheDir),
      })
      lock = added.lock
    }
    if (lock) await writeLock(join(folder, 'ingot.lock'), lock)
  }

  close(): Promise<void> {
    return this.#close()
  }
}

function nameOf(block: BlockStatement): string {
  return block.name.map(({ text }) => text).join('.')
}

function registryNameIn(text: string): string {
  return /^registry "(\w+)"/m.exec(text)?.[1] ?? ''
}

function stringOf(block: BlockStatement, name: string): string {
  for (const statement of block.body.statements) {
    if (statement.kind !== 'attribute' || statement.name.text !== name) continue
    if (statement.value.kind === 'literal' && typeof statement.value.value === 'string') return statement.value.value
  }
  throw new Error(`Cannot read "${name}" of an import: want text`)
}
