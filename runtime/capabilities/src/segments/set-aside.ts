import { appendFile, stat } from 'node:fs/promises'
import type { Stretch } from './record.ts'

/** Bytes that are kept of what could not be read, per file: enough to look into, not to fill the disk. */
const setAsideBytesMax = 16 * 2 ** 20

/** Keeps unreadable bytes of `path` beside it, in `<path>.unreadable`, before they are cut off or skipped. */
export async function setAside(path: string, bytes: Buffer, stretches: readonly Stretch[]): Promise<void> {
  const target = `${path}.unreadable`
  let size = await stat(target).then(
    (found) => found.size,
    () => 0,
  )
  for (const { start, end } of stretches) {
    if (size + (end - start) > setAsideBytesMax) return
    await appendFile(target, bytes.subarray(start, end))
    size += end - start
  }
}
