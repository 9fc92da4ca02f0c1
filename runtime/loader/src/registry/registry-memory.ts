import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { remembered, type Remembered, type TrustMemory } from '@ingot/trust'
import { z } from 'zod'
import { createFileAtomically, writeFileAtomically } from '../cache/atomic-file.ts'
import { LoaderError } from '../loader-error.ts'
import type { RegistryConfig } from './registry-config.ts'

/** Modules whose last index is remembered; the oldest are forgotten first. */
const indexesMax = 4_096

/**
 * What was last believed of a registry with certain root keys: it may go on from there, and never back, whatever address it
 * is reached at. It lies in the module cache.
 */
export class RegistryMemory implements TrustMemory {
  readonly #path: string
  #written: Promise<unknown> = Promise.resolve()

  constructor(cacheDir: string, { root }: RegistryConfig) {
    const name = createHash('sha256').update(String(root)).digest('hex')
    this.#path = join(cacheDir, 'registries', `${name}.json`)
  }

  /** @throws LoaderError `cache-corrupt`: what was remembered is lost only by somebody's decision. */
  async read(): Promise<Remembered> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}'
      throw error
    })
    try {
      return remembered.parse(JSON.parse(text))
    } catch (error) {
      throw new LoaderError(
        {
          code: 'cache-corrupt',
          message: `Cannot read what is known of the registry's log from "${this.#path}": ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`,
          hint: 'delete the file to trust the registry anew, from what it says now',
        },
        { cause: error },
      )
    }
  }

  /** Changes what is remembered, one change after the other. What `change` throws leaves it as it is. */
  update(change: (known: Remembered) => Remembered): Promise<void> {
    const written = this.#written.then(async () => {
      const known = await this.read()
      const next = change(known)
      if (next === known) return
      const indexes = Object.fromEntries(Object.entries(next.indexes).slice(-indexesMax))
      await writeFileAtomically(this.#path, JSON.stringify({ ...next, indexes }))
    })
    this.#written = written.catch(() => undefined)
    return written
  }

  /** Keeps what a registry has signed and cannot both be true. @returns where. */
  async keepEvidence(evidence: object): Promise<string> {
    const text = JSON.stringify(evidence, null, 2)
    const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
    const path = this.#path.replace(/\.json$/, `.evidence-${name}.json`)
    await createFileAtomically(path, `${text}\n`)
    return path
  }
}
