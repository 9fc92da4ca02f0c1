import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'

/** Changes that come this close together are one: an editor writes, renames and sets times. */
const settleMs = 50

/** What lies in a module's folder and is none of its sources. */
const ignored = /(?:^|\/)(?:node_modules|\.[^/]+|data-alloy)(?:\/|$)|~$|\.tgz$/

/**
 * Tells of changes below folders and of files, by a path that was changed. A file is watched through its folder: editors
 * put another one in its place.
 */
export function watchFolder(paths: readonly string[], onChange: (path: string) => void): { close(): void } {
  const watchers: FSWatcher[] = []
  let settling: NodeJS.Timeout | undefined
  let closed = false
  const changed = (path: string): void => {
    clearTimeout(settling)
    settling = setTimeout(() => onChange(path), settleMs)
  }
  const open = async (path: string): Promise<void> => {
    const isFolder = (await stat(path)).isDirectory()
    const folder = isFolder ? path : dirname(path)
    if (closed) return
    const watcher = watch(folder, { recursive: isFolder }, (_event, name) => {
      if (name === null || ignored.test(name) || (!isFolder && name !== basename(path))) return
      changed(relative('.', join(folder, name)))
    })
    // A folder that is removed is no reason to end.
    watcher.on('error', () => watcher.close())
    watchers.push(watcher)
  }
  for (const path of paths) void open(path)
  return {
    close() {
      closed = true
      clearTimeout(settling)
      for (const watcher of watchers) watcher.close()
    },
  }
}
