import { scanRecords } from '@ingot/capabilities'
import {
  decodeEntry,
  recordingMagic,
  recordingVersion,
  stepsOf,
  type Entry,
  type RecordingHeader,
  type Step,
} from '@ingot/sandbox'
import { open } from 'node:fs/promises'

/** Collectors make smaller ones; this is read into memory. */
const bytesMax = 512 * 2 ** 20

export interface ReadRecording {
  readonly header: RecordingHeader
  readonly code: Uint8Array
  readonly steps: readonly Step[]
  /** Why it ends where it does; `undefined` when its writer did not get to say so. */
  readonly endReason: string | undefined
  /** Where the file stops making sense: what comes before is whole. */
  readonly damagedAt: number | undefined
}

/** A file that is no recording, or none that can be read. */
export class RecordingFileError extends Error {
  override readonly name = 'RecordingFileError'
}

/** Whatever of a recording is whole. A damaged one ends where the damage begins: what follows depends on what is lost. @throws RecordingFileError */
export async function readRecording(path: string): Promise<ReadRecording> {
  const bytes = await readBounded(path)
  if (!bytes.subarray(0, recordingMagic.length).equals(recordingMagic))
    throw new RecordingFileError(`Cannot read "${path}": it is not a recording of a module`)
  const { payloads, unreadable } = scanRecords(bytes, recordingMagic.length)
  const damagedAt = unreadable[0]?.start
  const whole = payloads.filter(({ end }) => damagedAt === undefined || end <= damagedAt)
  return {
    ...partsOf(
      path,
      whole.map(({ start, end }) => bytes.subarray(start, end)),
    ),
    damagedAt,
  }
}

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > bytesMax)
      throw new RecordingFileError(`Cannot read "${path}": it has ${size} bytes, want at most ${bytesMax}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function partsOf(path: string, payloads: readonly Uint8Array[]): Omit<ReadRecording, 'damagedAt'> {
  const [first, second, ...rest] = payloads
  // Decoded before the others: they may mean something else in another version.
  const header = first && decodeChecked(path, first)
  if (header?.kind !== 'header')
    throw new RecordingFileError(`Cannot read "${path}": it ends before it says what it is`)
  if (header.header.version !== recordingVersion)
    throw new RecordingFileError(
      `Cannot read "${path}": it has the version ${header.header.version}, want ${recordingVersion}`,
    )
  const code = second && decodeChecked(path, second)
  if (code?.kind !== 'code') throw new RecordingFileError(`Cannot read "${path}": it ends before the module's code`)
  const entries = rest.map((payload) => decodeChecked(path, payload))
  const end = entries.find(({ kind }) => kind === 'end')
  return {
    header: header.header,
    code: code.code,
    steps: stepsOf(entries),
    endReason: end?.kind === 'end' ? end.reason : undefined,
  }
}

function decodeChecked(path: string, payload: Uint8Array): Entry {
  try {
    return decodeEntry(payload)
  } catch (error) {
    throw new RecordingFileError(`Cannot read "${path}": ${(error as Error).message}`)
  }
}
