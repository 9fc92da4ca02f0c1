import { Replay, RunnerSupervisor, type ReplayedStep } from '@ingot/sandbox'
import { join } from 'node:path'
import type { ReadRecording } from './read-recording.ts'

export interface ReplayRecordingOptions {
  /** In place of the recorded bundle. */
  readonly code?: Uint8Array
  readonly cacheDir: string
}

/** Runs a recording's turns again in a runner of its own, one after the other. */
export async function* replayRecording(
  { header, code, steps }: ReadRecording,
  { code: changed, cacheDir }: ReplayRecordingOptions,
): AsyncGenerator<ReplayedStep> {
  const { component, sha256 } = header
  const supervisor = await RunnerSupervisor.open({ cacheDir: join(cacheDir, 'runner'), onExit: () => {} })
  const replay = new Replay({ steps, code: changed ?? code, component, sha256, supervisor })
  try {
    yield* replay.run()
  } finally {
    await replay.close()
    await supervisor.close()
  }
}
