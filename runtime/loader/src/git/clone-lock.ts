import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createFileAtomically } from '../cache/atomic-file.ts'
import { LoaderError } from '../loader-error.ts'
import { endOrphans } from './end-orphans.ts'

/** Longer than any command on a clone may take. */
const waitMsMax = 600_000
const pollMs = 50

/** Locks that this process holds: after a crash the next one may have the same process id. */
const held = new Set<string>()

/** Runs one piece of work on a clone at a time, in this process and all others. */
export async function withCloneLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, 'lock')
  const end = performance.now() + waitMsMax
  while (!(await acquire(path, folder))) {
    if (performance.now() > end) {
      const message = `Cannot use the clone in "${folder}": another process does not let go of it`
      throw new LoaderError({ code: 'git-failed', message })
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  try {
    return await work()
  } finally {
    held.delete(path)
    await rm(path, { force: true })
  }
}

async function acquire(path: string, folder: string): Promise<boolean> {
  if (held.has(path)) return false
  held.add(path)
  let taken = false
  try {
    taken = await createFileAtomically(path, String(process.pid))
  } finally {
    if (!taken) held.delete(path)
  }
  if (!taken) await removeAbandoned(path, folder)
  return taken
}

/** A lock whose holder was killed; the commands that it had started may still be at work. */
async function removeAbandoned(path: string, folder: string): Promise<void> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 0 || isAlive(pid, path)) return
  await endOrphans(folder)
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => undefined)
  // Somebody was quicker, and this is their lock.
  const now = Number(await readFile(aside, 'utf8').catch(() => pid))
  if (now !== pid) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return held.has(path)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
