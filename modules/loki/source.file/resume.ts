import { isCapabilityError, type FileReader, type OpenFile } from '@ingot/sdk'
import { hashHead, type FilePosition, type Positions } from './positions.ts'

/** Names of a directory that are looked at for a rotated file. */
const namesMax = 10_000
/** How far back the beginning of a file's last line is looked for. */
const tailBytesMax = 64 * 1024

/** The present path of the file that once was at `path`, looked for in the same directory. */
export async function findRotated(fs: FileReader, path: string, identity: string): Promise<string | undefined> {
  const directory = path.slice(0, Math.max(1, path.lastIndexOf('/')))
  const base = path.slice(path.lastIndexOf('/') + 1)
  let names: readonly string[]
  try {
    names = await fs.list(directory)
  } catch (error) {
    if (isCapabilityError(error)) return undefined
    throw error
  }
  // Rotated names nearly always begin alike (app.log.1, app-2026.log): those come first.
  const stem = base.split('.')[0]!
  const likely = names.filter((name) => name.startsWith(stem))
  const others = names.filter((name) => !name.startsWith(stem))
  for (const name of [...likely, ...others].slice(0, namesMax)) {
    const candidate = `${directory === '/' ? '' : directory}/${name}`
    const stat = await fs.stat(candidate).catch(() => undefined)
    if (stat?.identity === identity && !stat.isDirectory) return candidate
  }
  return undefined
}

/** Opens `path` if it still is the file of the position; an inode that was given to another file is not. */
export async function fileToResume(
  fs: FileReader,
  path: string,
  position: FilePosition,
): Promise<OpenFile | undefined> {
  const file = await fs.open(path)
  const stat = await file.stat()
  if (stat.identity === position.identity && stat.size >= position.offset && (await headMatches(file, position)))
    return file
  await file.close()
  return undefined
}

/**
 * The position of a newly found file that was followed under another name, and whether it still is: then the old name
 * finishes it first.
 */
export async function renamedFrom(
  fs: FileReader,
  positions: Positions,
  file: OpenFile,
  identity: string,
  ownKey: string,
): Promise<FilePosition | undefined> {
  const found = positions.findIdentity(identity)
  if (!found || found.key === ownKey || found.position.offset === 0) return undefined
  const old = await fs.stat(pathOfKey(found.key)).catch(() => undefined)
  // A link, not a rename: both names are wanted.
  if (old?.identity === identity) return undefined
  return (await headMatches(file, found.position)) ? found.position : undefined
}

/** Where the last line begins that ends at `size` or is not yet whole: reading from the end begins with a whole line. */
export async function lastLineStart(file: OpenFile, size: number): Promise<number> {
  const tail = new Uint8Array(Math.min(size, tailBytesMax))
  const read = await file.read(tail, size - tail.length)
  const newline = tail.subarray(0, read).lastIndexOf(10)
  return newline < 0 ? size : size - tail.length + newline + 1
}

export function positionKey(path: string, labels: string): string {
  return JSON.stringify([path, labels])
}

function pathOfKey(key: string): string {
  return (JSON.parse(key) as [string, string])[0]
}

/** Whether the file begins as the position says. */
export async function headMatches(file: OpenFile, position: FilePosition): Promise<boolean> {
  const bytes = new Uint8Array(position.headLength)
  const read = position.headLength === 0 ? 0 : await file.read(bytes, 0)
  return read === position.headLength && hashHead(bytes, read) === position.headHash
}
