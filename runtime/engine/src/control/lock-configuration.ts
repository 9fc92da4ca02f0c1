import { pinSources, readLock, sourceDifference, writeLock } from '@ingot/loader'
import type { LockedSource } from '@ingot/manifest'
import { join, relative } from 'node:path'
import { RemoteImports } from './imports/remote-imports.ts'
import { loadOnce, type ValidateInput, type ValidationResult } from './load-configuration.ts'
import { folderOf } from './read-sources.ts'

export interface PinnedSource {
  /** In the lockfile. */
  readonly key: string
  readonly source: LockedSource
  /** What was pinned, where that was something else. */
  readonly before: string | undefined
  readonly isNew: boolean
}

export interface LockResult {
  readonly validation: ValidationResult
  /** Absent when the configuration does not hold: then nothing is written. */
  readonly pinned: readonly PinnedSource[] | undefined
  readonly lockPath: string
}

/** Pins what the `import.git` and `import.http` blocks of a configuration bring now, in the `ingot.lock` beside it. */
export async function lockConfiguration(input: ValidateInput): Promise<LockResult> {
  const remotes = new RemoteImports({ cacheDir: input.cacheDir, keepAll: true })
  const loaded = await loadOnce(input, remotes)
  const folder = folderOf(input.configPath, loaded.sources)
  const lockPath = join(folder, 'ingot.lock')
  if (loaded.errors > 0) return { validation: loaded, pinned: undefined, lockPath }
  const lock = await readLock(lockPath)
  const pinned = [...loaded.pinnable].map(([key, source]) => {
    const old = lock?.sources?.[key]
    return { key, source, isNew: !old, before: old && sourceDifference(old, source) && describePin(old) }
  })
  const files = loaded.sources.map(({ name }) => relative(folder, name).replaceAll('\\', '/'))
  const next = pinSources(lock, files, loaded.pinnable)
  if (lock || pinned.length > 0) await writeLock(lockPath, next)
  return { validation: loaded, pinned, lockPath }
}

/** What a source is pinned to, for people. */
export function describePin(source: LockedSource): string {
  return source.kind === 'git' ? `${source.revision} at ${source.commit}` : source.integrity
}
