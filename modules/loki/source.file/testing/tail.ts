/** What the tests of tailing share: the component on real files, with a clock that they advance. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lineBytes, type LogsBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, until, type FakeEnv, type RunningComponent } from '@ingot/testing'
import { expect, onTestFinished } from 'vitest'
import sourceFile from '../component.ts'

/** A folder of its own for a test. */
export async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tail-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

export const realFiles = () => fakeEnv({ realFiles: true, now: Date.now() })

export async function start(
  args: object,
  env: FakeEnv = realFiles(),
): Promise<{ run: RunningComponent; env: FakeEnv }> {
  const run = await runComponent(sourceFile, { args, env })
  onTestFinished(async () => {
    await run.stop()
    expect(env.leaks.openFiles).toBe(0)
  })
  return { run, env }
}

export function linesOf(run: RunningComponent): string[] {
  const batches = (run.outputs['forward_to']?.batches ?? []) as LogsBatch[]
  return batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => new TextDecoder().decode(lineBytes(batch, i))),
  )
}

/** Lets the component poll until it has emitted that many lines, and then for a time in which no more should come. */
export async function afterLines(run: RunningComponent, env: FakeEnv, count: number, thenMs = 6000): Promise<string[]> {
  await until(async () => {
    await env.clock.advance(250)
    return linesOf(run).length >= count
  }, `${count} lines`)
  for (let ms = 0; ms < thenMs; ms += 250) await env.clock.advance(250)
  return linesOf(run)
}
