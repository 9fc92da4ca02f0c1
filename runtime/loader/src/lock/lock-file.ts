import { readFile } from 'node:fs/promises'
import { lockfile, type Lockfile } from '@ingot/manifest'
import { z } from 'zod'
import { writeFileAtomically } from '../cache/atomic-file.ts'
import { LoaderError } from '../loader-error.ts'

/** A lock that pins nothing. */
export function emptyLock(): Lockfile {
  return { lockfileVersion: 1, registries: {}, imports: {}, modules: {} }
}

/** The lock at `path`; `undefined` when there is none. @throws LoaderError `lock-invalid`. */
export async function readLock(path: string): Promise<Lockfile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : parseLock(text, path)
}

/** @throws LoaderError `lock-invalid`. */
export function parseLock(text: string, path: string): Lockfile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(path, (error as Error).message)
  }
  const parsed = lockfile.safeParse(value)
  if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error))
  return parsed.data
}

export async function writeLock(path: string, lock: Lockfile): Promise<void> {
  await writeFileAtomically(path, formatLock(lock))
}

/** Sorted keys, two spaces, LF: the same lock is the same text, so that reviews show what changed and nothing else. */
export function formatLock(lock: Lockfile): string {
  return `${JSON.stringify(lock, sortKeys, 2)}\n`
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function invalid(path: string, found: string): LoaderError {
  return new LoaderError({
    code: 'lock-invalid',
    message: `Cannot read the lockfile "${path}": ${found}`,
    hint: 'restore it from version control, or delete it and run: ingot module add',
  })
}
