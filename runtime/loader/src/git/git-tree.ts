import { posix } from 'node:path'
import { LoaderError } from '../loader-error.ts'

/** As much as one configuration file may have. */
const fileBytesMax = 16 * 2 ** 20
/** Files that one import reads. */
const filesMax = 1000
const contentBytesMax = 64 * 2 ** 20
/** What a commit may put on the disk. */
const checkoutBytesMax = 2 ** 30
const checkoutFilesMax = 100_000

export interface GitFile {
  /** In the repository, with `/`. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** Runs a command on the clone. */
export type RunOnClone = (args: readonly string[], input?: string) => Promise<Buffer>

interface Entry {
  readonly mode: string
  readonly type: string
  readonly hash: string
  readonly bytes: number
  readonly path: string
}

/** A path in a repository: relative, and never out of it. `''` is the whole. @throws LoaderError `git-invalid`. */
export function repositoryPath(path: string): string {
  const inside = posix.normalize(path.replace(/^\/+/, '') || '.').replace(/\/$/, '')
  if (inside === '..' || inside.startsWith('../') || /\p{Cc}/u.test(path))
    throw new LoaderError({
      code: 'git-invalid',
      argument: 'path',
      message: `Cannot use the path ${JSON.stringify(path)}: want one inside of the repository`,
    })
  return inside === '.' ? '' : inside
}

/**
 * The file of a commit, or the `*.alloy` files of a folder, by name. Read from the repository's objects, where a link is
 * a link and no name leads out of it.
 * @throws LoaderError for a user
 */
export async function readTree(git: RunOnClone, commit: string, path: string): Promise<readonly GitFile[]> {
  const found = path === '' ? undefined : entries(await git(['ls-tree', '-z', '-l', '--full-tree', commit, '--', path]))
  if (found && found.length === 0) throw unusable(path, 'the repository has no such file or folder')
  const isFolder = !found || found[0]!.type === 'tree'
  const files = isFolder ? await folderFiles(git, found?.[0]?.hash ?? commit, path) : [checked(found[0]!)]
  if (files.length === 0) throw unusable(path, 'the folder has no *.alloy file')
  if (files.length > filesMax || files.reduce((sum, { bytes }) => sum + bytes, 0) > contentBytesMax)
    throw unusable(path, `found more than ${filesMax} files or ${contentBytesMax} bytes`)
  return readBlobs(git, files)
}

/** One file of a commit; `undefined` where it has none of that name. Links are none. @throws LoaderError for one that is too large. */
export async function readFileAt(
  git: RunOnClone,
  commit: string,
  path: string,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const [found] = entries(await git(['ls-tree', '-z', '-l', '--full-tree', commit, '--', path]))
  if (!found || found.type !== 'blob' || found.mode === '120000') return undefined
  if (found.bytes > bytesMax) throw unusable(path, `${found.bytes} bytes, at most ${bytesMax} are taken`)
  return (await readBlobs(git, [found]))[0]!.bytes
}

/** Makes sure that a commit's files fit on the disk: what is small in a repository can be large outside of it. */
export async function checkCheckout(git: RunOnClone, commit: string): Promise<void> {
  const files = entries(await git(['ls-tree', '-r', '-z', '-l', '--full-tree', commit]))
  const bytes = files.reduce((sum, entry) => sum + entry.bytes, 0)
  if (bytes <= checkoutBytesMax && files.length <= checkoutFilesMax) return
  throw new LoaderError({
    code: 'git-too-large',
    message: `the commit has ${files.length} files with ${bytes} bytes, at most ${checkoutFilesMax} files with ${checkoutBytesMax} bytes are taken`,
  })
}

async function folderFiles(git: RunOnClone, tree: string, path: string): Promise<Entry[]> {
  return entries(await git(['ls-tree', '-z', '-l', '--full-tree', tree]))
    .filter((entry) => entry.type !== 'tree' && entry.path.endsWith('.alloy'))
    .map((entry) => checked({ ...entry, path: posix.join(path, entry.path) }))
}

function checked(entry: Entry): Entry {
  if (entry.mode === '120000') throw unusable(entry.path, 'it is a link, and links in repositories are not followed')
  if (entry.type !== 'blob') throw unusable(entry.path, `found a ${entry.type}, want a file`)
  if (entry.bytes > fileBytesMax) throw unusable(entry.path, `${entry.bytes} bytes, at most ${fileBytesMax} are taken`)
  return entry
}

/** Lines of `ls-tree -z -l`: `<mode> <type> <hash> <size>\t<path>`. */
function entries(output: Buffer): Entry[] {
  return output
    .toString()
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t')
      const [mode = '', type = '', hash = '', size = ''] = line.slice(0, tab).split(/ +/)
      return { mode, type, hash, bytes: size === '-' ? 0 : Number(size), path: line.slice(tab + 1) }
    })
}

/** Answers of `cat-file --batch`: `<hash> <type> <size>\n<bytes>\n`. */
async function readBlobs(git: RunOnClone, files: readonly Entry[]): Promise<readonly GitFile[]> {
  const output = await git(['cat-file', '--batch'], files.map(({ hash }) => `${hash}\n`).join(''))
  let at = 0
  return files.map(({ path, hash, bytes }) => {
    const head = `${hash} blob ${bytes}\n`
    if (output.subarray(at, at + head.length).toString() !== head) throw unusable(path, 'the clone is damaged')
    const start = at + head.length
    at = start + bytes + 1
    return { path, bytes: output.subarray(start, start + bytes) }
  })
}

function unusable(path: string, found: string): LoaderError {
  return new LoaderError({
    code: 'git-invalid',
    message: `Cannot read ${JSON.stringify(path === '' ? '.' : path)} of the repository: ${found}`,
  })
}
