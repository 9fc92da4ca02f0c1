import { createHash, type Hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** What lies in a source folder and never reaches a packed module. */
const skippedFolders = new Set(['node_modules', 'testdata'])
const testFile = /\.test\.[jt]s$/
/** More files than a module and the SDK have together; a wrong root is noticed instead of read. */
const filesMax = 20_000

/** One hash over the paths and bytes of folders and files: what a packed module depends on. */
export async function sourceHash(root: string, paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    for (const file of await filesOf(join(root, path))) await addFile(hash, root, file)
  }
  return hash.digest('hex')
}

async function addFile(hash: Hash, root: string, file: string): Promise<void> {
  const bytes = await readFile(file)
  hash.update(`${relative(root, file)}\0${bytes.length}\0`).update(bytes)
}

async function filesOf(path: string): Promise<string[]> {
  const found: string[] = []
  const waiting = [path]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await entriesOf(folder)) {
      const child = entry.name === '' ? folder : join(folder, entry.name)
      if (entry.isDirectory && !skippedFolders.has(entry.name)) waiting.push(child)
      if (entry.isFile && !testFile.test(entry.name)) found.push(child)
    }
    if (found.length > filesMax)
      throw new Error(`Cannot hash the sources in "${path}": found more than ${filesMax} files`)
  }
  return found.sort()
}

/** A file counts as a folder of itself; what is not there has nothing in it. */
async function entriesOf(path: string): Promise<{ name: string; isFile: boolean; isDirectory: boolean }[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries.map((entry) => ({ name: entry.name, isFile: entry.isFile(), isDirectory: entry.isDirectory() }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') return [{ name: '', isFile: true, isDirectory: false }]
    if (code === 'ENOENT') return []
    throw error
  }
}
