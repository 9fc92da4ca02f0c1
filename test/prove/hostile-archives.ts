import { ok } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hostileArchives } from '@ingot/trust/testing'
import type { FuzzFigures, FuzzTask } from './fuzz-archives.ts'

const reader = fileURLToPath(new URL('fuzz-archives.ts', import.meta.url))
/** What reading may take on top of the program: one module unpacked, and as much again that waits for the collector. */
const readingMiBMax = 100

/** A process that allocates without a pause would let garbage lie: what is measured is what reading holds on to. */
const youngHeap = '--max-semi-space-size=2'

export interface ArchiveProof {
  readonly inputs: number
  readonly seed: number
}

/**
 * Has a process read every archive of the corpus, which must each be refused with its code, and then as many random ones:
 * each must be read as what it is or be refused, in bounded memory. @throws with the seed that failed.
 */
export async function proveHostileArchives({ inputs, seed }: ArchiveProof): Promise<FuzzFigures & { corpus: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-archives-'))
  try {
    const refused = []
    for (const [index, { name, code, make }] of hostileArchives.entries()) {
      const path = join(dir, String(index))
      await writeFile(path, make())
      refused.push({ path, code, name })
    }
    const task: FuzzTask = { inputs, seed, refused }
    const { stdout } = await promisify(execFile)(process.execPath, [youngHeap, reader, JSON.stringify(task)])
    const figures = JSON.parse(stdout) as FuzzFigures
    const reading = figures.memoryMaxMiB - figures.memoryBeforeMiB
    ok(reading < readingMiBMax, `reading took ${reading} MiB, want less than ${readingMiBMax}`)
    return { ...figures, corpus: refused.length }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
