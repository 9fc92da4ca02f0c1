import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { FileWatcher } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import type { Designation } from '../access/designation.ts'
import { PathPolicy } from '../fs-read/policy.ts'

/** Events within this are one: a writer's many small writes wake the component ten times a second at most. */
const coalesceMs = 100
/** Watches of one instance; beyond it only polling notices changes. */
const watchesMax = 8192

export interface WatchCapability {
  readonly watcher: FileWatcher
  close(): void
}

export function createFileWatcher(access: Access, allowed: () => Designation): WatchCapability {
  const policy = new PathPolicy(access, allowed, 'fs.watch')
  const stops = new Set<() => void>()
  return {
    watcher: {
      watch(path, onChange, { signal }) {
        policy.checkNow(path)
        access.used('fs.watch')
        if (signal.aborted || stops.size >= watchesMax) return
        const stop = start(path, onChange)
        const end = () => {
          stops.delete(end)
          signal.removeEventListener('abort', end)
          stop()
        }
        stops.add(end)
        signal.addEventListener('abort', end, { once: true })
      },
    },
    close: () => {
      for (const stop of stops) stop()
    },
  }
}

/** A file is watched through its directory: its own inode is another one after a rotation. */
function start(path: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const notify = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      onChange()
    }, coalesceMs)
  }
  const directory = isDirectory(path)
  const name = basename(path)
  let watcher: FSWatcher | undefined
  try {
    watcher = watch(directory ? path : dirname(path), { persistent: false }, (_event, changed) => {
      if (directory || changed === null || changed === name) notify()
    })
    watcher.on('error', notify)
  } catch {
    // Nothing there to watch, or the system's watches are used up: the component polls as well.
  }
  return () => {
    clearTimeout(timer)
    watcher?.close()
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
