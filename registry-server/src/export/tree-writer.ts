import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A folder of documents at the paths of a registry. Each appears whole or not at all. */
export class TreeWriter {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  async has(path: string): Promise<boolean> {
    return (await stat(join(this.dir, path)).catch(() => undefined)) !== undefined
  }

  async read(path: string): Promise<Buffer | undefined> {
    return readFile(join(this.dir, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined
      throw error
    })
  }

  /** Resolves to whether there was something else before. */
  async write(path: string, bytes: Uint8Array | string): Promise<boolean> {
    const content = Buffer.from(bytes)
    const before = await this.read(path)
    if (before?.equals(content)) return false
    const file = join(this.dir, path)
    await mkdir(dirname(file), { recursive: true })
    const temporary = `${file}.${randomUUID()}.tmp`
    try {
      await writeFile(temporary, content, { flush: true })
      await rename(temporary, file)
    } finally {
      await rm(temporary, { force: true })
    }
    return true
  }

  /** Takes what another folder has at a path, in place of what is here. */
  async adopt(path: string, from: TreeWriter): Promise<void> {
    const file = join(this.dir, path)
    await mkdir(dirname(file), { recursive: true })
    await rename(join(from.dir, path), file)
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}
