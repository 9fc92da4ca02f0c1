import { isUtf8 } from 'node:buffer'
import type { ModuleFiles } from '../files/module-files.ts'
import { diffLines, type LineHunk } from './diff-lines.ts'
import type { FileChange } from './diff-versions.ts'

/** Of one version's files those that are compared line by line, and the most that is read of each. */
const filesMax = 40
const bytesMax = 512 * 1024
/** Lines that are shown of all files together. */
const linesMax = 6_000

/** What changed within a file. */
export interface FileDiff {
  readonly path: string
  /** Nothing where it is not told: why not. */
  readonly hunks: readonly LineHunk[] | undefined
  readonly untold?: 'no text' | 'too large' | 'too different' | 'too many'
}

/** Digests of the packed modules that files are read from; nothing: there is no such side. */
export interface ComparedBlobs {
  readonly from: string | undefined
  readonly to: string | undefined
}

/** The changed files line by line, as far as one page has room. */
export async function diffFiles(
  files: ModuleFiles,
  changes: readonly FileChange[],
  { from, to }: ComparedBlobs,
): Promise<FileDiff[]> {
  const diffs: FileDiff[] = []
  let lines = 0
  for (const { path, ...sides } of changes) {
    if (diffs.length >= filesMax || lines >= linesMax) {
      diffs.push({ path, hunks: undefined, untold: 'too many' })
      continue
    }
    const [before, after] = [sides.from && from, sides.to && to].map((sha512) => sha512 && files.read(sha512, path))
    const diff = compare(path, await before, await after)
    const count = (diff.hunks ?? []).flat().reduce((sum, block) => sum + block.before.length + block.after.length, 0)
    const fits = lines + count <= linesMax
    diffs.push(fits ? diff : { path, hunks: undefined, untold: 'too many' })
    if (fits) lines += count
  }
  return diffs
}

function compare(path: string, before: Uint8Array | undefined | '', after: Uint8Array | undefined | ''): FileDiff {
  const sides = [before || new Uint8Array(), after || new Uint8Array()]
  if (sides.some((bytes) => bytes.length > bytesMax)) return { path, hunks: undefined, untold: 'too large' }
  if (sides.some((bytes) => !isUtf8(bytes) || bytes.includes(0))) return { path, hunks: undefined, untold: 'no text' }
  const [a = '', b = ''] = sides.map((bytes) => Buffer.from(bytes).toString())
  const hunks = diffLines(a, b)
  return hunks ? { path, hunks } : { path, hunks, untold: 'too different' }
}
