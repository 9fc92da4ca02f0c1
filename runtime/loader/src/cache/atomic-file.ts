import { randomUUID } from 'node:crypto'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file so that readers, other processes and a crash see the old content or the new one, never a part. */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const temporary = await writeTemporary(path, bytes, mode)
  await rename(temporary, path)
}

/** The same, but the first writer wins: false when the file is there already. */
export async function createFileAtomically(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes, mode)
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeTemporary(path: string, bytes: Uint8Array | string, mode: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}-${randomUUID()}.tmp`
  const file = await open(temporary, 'wx', mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  return temporary
}
