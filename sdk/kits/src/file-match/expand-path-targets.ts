import type { FileReader } from '@ingot/sdk'

export type Target = Readonly<Record<string, string>>

export interface ExpandOptions {
  /** Files that were last written before this time (milliseconds since the epoch) are left out; 0 keeps all. */
  readonly writtenSinceMs: number
}

/**
 * One target per file that a target's `__path__` pattern matches and its `__path_exclude__` pattern does not, with the
 * file's path as `__path__` and all other labels kept; sorted, and without duplicates.
 */
export async function expandPathTargets(
  fs: FileReader,
  targets: readonly Target[],
  options: ExpandOptions,
): Promise<Target[]> {
  const found = new Map<string, Target>()
  for (const target of targets) {
    const { __path__: pattern, __path_exclude__: exclude, ...labels } = target
    if (pattern === undefined) continue
    for (const path of await fs.glob(pattern, exclude ? { exclude } : {})) {
      if (!(await isWanted(fs, path, options))) continue
      const expanded = { ...labels, __path__: path }
      found.set(JSON.stringify(Object.entries(expanded).sort(([a], [b]) => (a < b ? -1 : 1))), expanded)
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, target]) => target)
}

async function isWanted(fs: FileReader, path: string, options: ExpandOptions): Promise<boolean> {
  const stat = await fs.stat(path).catch(() => undefined)
  if (!stat || stat.isDirectory) return false
  return options.writtenSinceMs === 0 || stat.mtimeMs >= options.writtenSinceMs
}
