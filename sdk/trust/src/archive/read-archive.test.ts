import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostileArchives, rawArchive, rawGzip, rawTar } from '../testing/hostile-archives.ts'
import { ArchiveError } from './archive-error.ts'
import { readArchive } from './read-archive.ts'

async function read(packed: Uint8Array): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for await (const { path, bytes } of readArchive(packed)) files[path] = Buffer.from(bytes).toString()
  return files
}

describe('readArchive()', () => {
  test('gives the files of an archive in their order', async () => {
    const packed = rawArchive([
      { path: 'module.json', content: '{}' },
      { path: 'components/a.mjs', content: 'x'.repeat(1500) },
      { path: 'empty' },
      { path: 'long', prefix: 'some/folder', content: 'y' },
      { path: 'café.md', content: 'é' },
    ])
    expect(Object.entries(await read(packed))).toEqual([
      ['module.json', '{}'],
      ['components/a.mjs', 'x'.repeat(1500)],
      ['empty', ''],
      ['some/folder/long', 'y'],
      ['café.md', 'é'],
    ])
  })

  test('accepts an archive that is padded with zero blocks', async () => {
    const padded = Buffer.concat([rawTar([{ path: 'a', content: 'b' }]), Buffer.alloc(8192)])
    expect(await read(rawGzip(padded))).toEqual({ a: 'b' })
  })

  test.each(hostileArchives.map((hostile) => [hostile.name, hostile] as const))('refuses %s', async (_, hostile) => {
    const refusal = await read(hostile.make()).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refusal).toBeInstanceOf(ArchiveError)
    expect((refusal as ArchiveError).code).toBe(hostile.code)
  })

  test('stops inflating a bomb at the bound', async () => {
    const bomb = hostileArchives.find(({ name }) => name === 'a bomb after the end')!.make()
    const before = process.memoryUsage().arrayBuffers
    await expect(read(bomb)).rejects.toThrow(/unpacks to more than/)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 2 ** 20)
  })

  test('answers any bytes with files or an ArchiveError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), fc.boolean(), async (bytes, packed) => {
        await read(packed ? rawGzip(bytes) : bytes).catch((error: unknown) =>
          expect(error).toBeInstanceOf(ArchiveError),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('answers a damaged good archive with files or an ArchiveError', async () => {
    const good = rawTar([
      { path: 'module.json', content: '{}' },
      { path: 'a/b', content: 'c' },
    ])
    const damage = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Buffer.from(good)
        for (const [index, value] of changes) bytes[index] = value
        await read(rawGzip(bytes)).catch((error: unknown) => expect(error).toBeInstanceOf(ArchiveError))
      }),
      { numRuns: 300 },
    )
  })
})
