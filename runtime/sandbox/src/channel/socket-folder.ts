import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { processNamespace, startOf } from '../process-identity.ts'

/** Not in the data directory: the path of a Unix socket may have 107 bytes. */
const parent = os.tmpdir()
const pattern = /^ingot-lane-(\d+)-(\d+)-(\d+)-[A-Za-z0-9]{6}$/

/** A folder for one Unix socket that only this user may enter. Its name says whose it is. */
export async function makeSocketFolder(): Promise<string> {
  return fs.mkdtemp(path.join(parent, `ingot-lane-${processNamespace()}-${process.pid}-${startOf(process.pid) ?? 0}-`))
}

/**
 * Removes the folders of collectors that were killed: those of this user whose process is gone, or whose number another
 * process has by now. Processes of other containers cannot be seen from here, so what is theirs stays.
 * @returns how many were removed
 */
export async function sweepSocketFolders(): Promise<number> {
  let removed = 0
  for (const name of await fs.readdir(parent)) {
    const [, namespace, pid, start] = pattern.exec(name) ?? []
    if (namespace !== processNamespace() || startOf(Number(pid)) === start) continue
    const folder = path.join(parent, name)
    const facts = await fs.lstat(folder).catch(() => undefined)
    if (!facts?.isDirectory() || facts.uid !== process.getuid?.()) continue
    await fs.rm(folder, { recursive: true, force: true })
    removed++
  }
  return removed
}
