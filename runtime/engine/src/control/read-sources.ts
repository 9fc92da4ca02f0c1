import { decodeSource, type Diagnostic } from '@ingot/syntax'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Configuration files larger than this are refused. */
const fileBytesMax = 16 * 2 ** 20

export interface SourceText {
  /** As the user named it. */
  readonly name: string
  readonly text: string
  /** When the bytes are not text. */
  readonly diagnostics: readonly Diagnostic[]
}

/** The configuration at `path`: a file, or the `*.alloy` files of a folder (not of folders in it), by name. @throws with a message for the user. */
export async function readSources(path: string): Promise<readonly SourceText[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new Error(`Cannot read the configuration "${path}": no such file or folder`)
  if (!found.isDirectory()) return [await readSource(path)]
  const names = (await readdir(path)).filter((name) => name.endsWith('.alloy')).sort()
  if (names.length === 0) throw new Error(`Cannot read the configuration "${path}": the folder has no *.alloy file`)
  return Promise.all(names.map((name) => readSource(join(path, name))))
}

/** The folder of a configuration, absolute: itself, or the one that its file is in. What `module_path` is. */
export function folderOf(path: string, sources: readonly SourceText[]): string {
  const isFile = sources.length === 0 || sources[0]!.name === path
  return isFile ? dirname(resolve(path)) : resolve(path)
}

async function readSource(path: string): Promise<SourceText> {
  const bytes = await readFile(path)
  if (bytes.length > fileBytesMax)
    throw new Error(`Cannot read "${path}": ${bytes.length} bytes, at most ${fileBytesMax} are taken`)
  return { name: path, ...decodeSource(path, bytes) }
}
