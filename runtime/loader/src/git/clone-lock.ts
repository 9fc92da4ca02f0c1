import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LoaderError } from '../loader-error.ts'

/** Longer than any command on a clone may take. */
const waitMsMax = 600_000
const pollMs = 50

/** Locks that this process holds: after a crash the next one may have the same process id. */
const held = new Set<string>()

/** Runs one piece of work on a clone at a time, in this process and all others. */
export async function withCloneLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'lock')
  const end = performance.now() + waitMsMax
  while (!(await acquire(path))) {
    if (performance.now() > end)
      throw new LoaderError({
        code: 'git-failed',
        message: `Cannot use the clone in "${folder}": another process does not let go of it`,
      })
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  try {
    return await work()
  } finally {
    held.delete(path)
    await rm(path, { force: true })
  }
}

async function acquire(path: string): Promise<boolean> {
  if (held.has(path)) return false
  held.add(path)
  try {
    const file = await open(path, 'wx')
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  } catch (error) {
    held.delete(path)
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (await isAbandoned(path)) await rm(path, { force: true })
    return false
  }
}

/** Whoever made it is gone. One that is still empty is being made. */
async function isAbandoned(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 0) return false
  if (pid === process.pid) return !held.has(path)
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
