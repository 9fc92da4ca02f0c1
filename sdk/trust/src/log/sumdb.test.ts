import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { generateSigningKey } from '../signing-key.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import { parseCheckpoint, signCheckpoint } from './checkpoint.ts'
import { noteKeyText, parseNoteKey } from './note-key.ts'
import { proveConsistency, proveInclusion, treeRoot } from './prove.ts'
import { parseNote, verifyNote } from './signed-note.ts'
import { tileAt, tilePath, type Tile } from './tile.ts'
import { hashLeaf } from './tree-hash.ts'
import { verifyConsistency, verifyInclusion } from './verify-proof.ts'

/** Go's own log and notes, as Debian packages their sources. */
const goPath = '/usr/share/gocode'
const sumdb = `${goPath}/src/golang.org/x/mod/sumdb/tlog/tlog.go`
const program = fileURLToPath(new URL('testdata/sumdb/main.go', import.meta.url))
/** Compiling it where nothing has been compiled before, on a machine that is busy. */
const compileMs = 240_000

interface Answers {
  readonly Wrong: readonly string[] | null
  readonly Roots: readonly string[]
  readonly Inclusion: readonly (readonly string[])[]
  readonly Consistency: readonly (readonly string[])[]
  readonly Note: { readonly Key: string; readonly Note: string }
}

/** Beyond 65,536 leaves there is a full tile of the second level. */
const leaves = 66_000
const sizes = [1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 65_535, 65_536, 65_537, leaves]
const places = sizes.flatMap((size) =>
  [...new Set([0, 1, size >> 1, size - 2, size - 1])]
    .filter((at) => at >= 0 && at < size)
    .map((index) => ({ index, size })),
)
const pairs = sizes.flatMap((to) => sizes.filter((from) => from <= to).map((from) => ({ from, to })))

test.skipIf(!existsSync(sumdb))(
  'proofs, tiles and notes are the ones of an independent implementation, both ways',
  async () => {
    const log = new MemoryLog(Array.from({ length: leaves }, (_, index) => Buffer.from(`leaf ${index}`)))
    const base64 = (list: readonly Uint8Array[]): string[] => list.map((hash) => Buffer.from(hash).toString('base64'))
    const inclusion = await Promise.all(
      places.map(async ({ index, size }) => base64(await proveInclusion(index, size, log.read))),
    )
    const consistency = await Promise.all(
      pairs.map(async ({ from, to }) => base64(await proveConsistency(from, to, log.read))),
    )
    const key = generateSigningKey()
    const name = 'registry.example/log'
    const own = signCheckpoint(name, { size: leaves, root: await treeRoot(leaves, log.read) }, key)

    const answers = ask({
      Leaves: leaves,
      Inclusion: places.map(({ index, size }, at) => ({ Index: index, Size: size, Proof: inclusion[at] })),
      Consistency: pairs.map(({ from, to }, at) => ({ From: from, To: to, Proof: consistency[at] })),
      Tiles: allTiles().map((tile) => ({ Path: tilePath(tile), Data: Buffer.from(log.tile(tile)).toString('base64') })),
      Notes: [{ Key: noteKeyText(name, 'ed25519', key.publicKey), Note: own }],
      Sign: parseNote(own).text,
    })
    expect(answers.Wrong).toBeNull()

    expect(answers.Inclusion.map((proof) => proof ?? [])).toEqual(inclusion)
    expect(answers.Consistency.map((proof) => proof ?? [])).toEqual(consistency)
    const bytes = (list: readonly string[]): Buffer[] => list.map((hash) => Buffer.from(hash, 'base64'))
    const roots = new Map(places.map(({ size }, at) => [size, Buffer.from(answers.Roots[at]!, 'base64')]))
    for (const [at, { index, size }] of places.entries()) {
      const leaf = hashLeaf(Buffer.from(`leaf ${index}`))
      verifyInclusion(leaf, index, { size, root: roots.get(size)! }, bytes(answers.Inclusion[at]!))
    }
    for (const [at, { from, to }] of pairs.entries()) {
      const heads = [from, to].map((size) => ({ size, root: roots.get(size)! }))
      verifyConsistency(heads[0]!, heads[1]!, bytes(answers.Consistency[at]!))
    }
    const theirs = parseNote(answers.Note.Note)
    expect(verifyNote(theirs, [parseNoteKey(answers.Note.Key)])).toHaveLength(1)
    expect(parseCheckpoint(theirs.text)).toMatchObject({ origin: name, size: leaves })
  },
  compileMs,
)

/** Those of a log of {@link leaves}, and some of the parts that it had before. */
function allTiles(): Tile[] {
  const full = [0, 1, 2].flatMap((level) => [0, 1, 2, 255, 256, 257].map((index) => tileAt(level, index, leaves)))
  const parts = [1, 112, 255].map((width) => ({ level: 0, index: 3, width }))
  return [...full.filter((tile) => tile !== undefined), ...parts]
}

function ask(claims: object): Answers {
  const env = { ...process.env, GOPATH: goPath, GO111MODULE: 'off', GOFLAGS: '' }
  const input = JSON.stringify(claims)
  const { status, stdout, stderr } = spawnSync('go', ['run', program], { env, input, maxBuffer: 64 * 2 ** 20 })
  expect(stderr.toString()).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout.toString()) as Answers
}
