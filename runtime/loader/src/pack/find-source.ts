import { stat } from 'node:fs/promises'
import { join } from 'node:path'

/** `<folder>/<name>.ts`, else `.js`: the languages that a module may be written in. */
export async function findSource(folder: string, name: string): Promise<string | undefined> {
  for (const extension of ['.ts', '.js']) {
    const file = join(folder, name + extension)
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile()) return file
  }
  return undefined
}
