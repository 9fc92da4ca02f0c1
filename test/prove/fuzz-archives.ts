/**
 * Reads archives that are wrong at random, in a process of its own, which prints what became of them and how much memory it
 * took. Takes its task as JSON: how many, the seed of the first, and files with archives that must be refused.
 */
import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { ArchiveError, archiveLimits, readArchive } from '@ingot/trust'
import { rawEntry, rawGzip, type RawEntry } from '@ingot/trust/testing'
import { SeededRandom } from './seeded-random.ts'

export interface FuzzTask {
  readonly inputs: number
  readonly seed: number
  readonly refused: readonly { readonly path: string; readonly code: string; readonly name: string }[]
}

export interface FuzzFigures {
  readonly read: number
  /** How often each code refused one. */
  readonly refused: Readonly<Record<string, number>>
  /** Resident before the first archive: Node.js and the program. */
  readonly memoryBeforeMiB: number
  readonly memoryMaxMiB: number
}

const paths = [
  'module.json',
  'README.md',
  'a/b/c.mjs',
  '../x',
  '/x',
  'a//b',
  'CON',
  'A/B/C.mjs',
  'é',
  'a\\b',
  'ﬁle',
  'file',
  '',
]
const types = ['0', '0', '0', '0', '0', '1', '2', '5', 'x', 'g', 'L', '\0']
const sizes = [0, 1, 511, 512, 513, 4096, 2 ** 23, 2 ** 33]
const blockBytes = 512

const memoryBeforeMiB = statusMiB('VmRSS')
const task = JSON.parse(process.argv[2]!) as FuzzTask
for (const { path, code, name } of task.refused) equal(await outcome(readFileSync(path)), code, name)
const refused: Record<string, number> = {}
let read = 0
for (let input = 0; input < task.inputs; input++) {
  const seed = task.seed + input
  const code = await outcome(randomArchive(new SeededRandom(seed))).catch((error: unknown) => {
    throw new Error(`Reading the archive of seed ${seed} failed`, { cause: error })
  })
  if (code === undefined) read++
  else refused[code] = (refused[code] ?? 0) + 1
}
const figures: FuzzFigures = { read, refused, memoryBeforeMiB, memoryMaxMiB: statusMiB('VmHWM') }
process.stdout.write(`${JSON.stringify(figures)}\n`)

function statusMiB(field: 'VmRSS' | 'VmHWM'): number {
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))!
  return Number(kibibytes) / 1024
}

/** The code that refused it; `undefined` when it was read, and everything in it was as it must be. */
async function outcome(archive: Uint8Array): Promise<string | undefined> {
  const seen = new Set<string>()
  let bytes = 0
  try {
    for await (const entry of readArchive(archive)) {
      seen.add(wantGoodPath(entry.path, seen))
      bytes += entry.bytes.length
      ok(bytes <= archiveLimits.unpackedBytesMax && entry.bytes.length <= archiveLimits.fileBytesMax)
    }
    ok(seen.size <= archiveLimits.entriesMax)
    return undefined
  } catch (error) {
    if (error instanceof ArchiveError) return error.code
    throw error
  }
}

function wantGoodPath(path: string, seen: ReadonlySet<string>): string {
  const folded = path.normalize('NFKC').toLowerCase()
  ok(!/^\/|\\|:|\p{Cc}|(?:^|\/)\.{0,2}(?:\/|$)/u.test(path), `${JSON.stringify(path)} was read`)
  ok(path === path.normalize('NFC') && !seen.has(folded), `${JSON.stringify(path)} was read`)
  return folded
}

/** Entries that a packer could have written or not, then damage to the blocks, then to the bytes that are sent. */
function randomArchive(random: SeededRandom): Uint8Array {
  const entries = Array.from({ length: random.below(6) }, () => rawEntry(randomEntry(random)))
  let tar = Buffer.concat([...entries, Buffer.alloc(blockBytes * random.pick([2, 2, 2, 2, 0, 1, 20]))])
  for (let count = random.pick([0, 0, 0, 1, 2]); count > 0; count--) tar = damagedBlocks(tar, random)
  const packed = rawGzip(tar)
  return random.below(10) === 0 ? damagedBytes(packed, random) : packed
}

function randomEntry(random: SeededRandom): RawEntry {
  const content = Buffer.alloc(random.below(3) === 0 ? random.below(1200) : random.below(40), random.below(256))
  return {
    path: random.below(3) === 0 ? random.pick(paths) : `file-${random.below(50)}`,
    content,
    ...(random.below(8) === 0 ? { type: random.pick(types) } : {}),
    ...(random.below(20) === 0 ? { size: random.pick(sizes) } : {}),
    ...(random.below(20) === 0 ? { mode: random.below(0o10000) } : {}),
    ...(random.below(20) === 0 ? { prefix: random.pick(paths) } : {}),
    ...(random.below(30) === 0 ? { link: random.pick(paths) } : {}),
    ...(random.below(30) === 0 ? { padding: random.below(256) } : {}),
  }
}

function damagedBlocks(tar: Buffer, random: SeededRandom): Buffer<ArrayBuffer> {
  const at = random.below(Math.ceil(tar.length / blockBytes) + 1) * blockBytes
  const [before, block, after] = [tar.subarray(0, at), tar.subarray(at, at + blockBytes), tar.subarray(at + blockBytes)]
  return random.pick([
    () => Buffer.concat([before, after]),
    () => Buffer.concat([before, block, block, after]),
    () => Buffer.concat([after, block, before]),
    () => Buffer.concat([before, Buffer.alloc(blockBytes), block, after]),
    () => Buffer.concat([before, block.subarray(random.below(blockBytes)), after]),
    () => Buffer.concat([before, damagedBytes(block, random), after]),
  ])()
}

function damagedBytes(bytes: Uint8Array, random: SeededRandom): Buffer<ArrayBuffer> {
  const damaged = Buffer.from(bytes)
  if (damaged.length === 0) return damaged
  if (random.below(4) === 0) return damaged.subarray(0, random.below(damaged.length))
  for (let count = 1 + random.below(4); count > 0; count--) damaged[random.below(damaged.length)] = random.below(256)
  return damaged
}
