import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { engines, readRecording, RecordingFileError, replayRecording, type ReadRecording } from '@ingot/engine'
import { defaultCacheDir } from '@ingot/loader'
import type { Command } from 'commander'
import { checkoutRoot } from '../checkout.ts'
import { CommandError } from '../command-error.ts'
import { packModuleFolder } from '../prepare-modules.ts'
import { describeStep, jsonOf, lineOf, printDifference } from '../print-replay.ts'
import { firstDifference, gatherBatches, type ReplayedBatch } from '../replayed-batches.ts'

interface Flags {
  readonly source?: string
  readonly step?: boolean
  readonly json?: boolean
}

/** `ingot module replay`: runs a recording's turns again and compares what the module says, byte by byte. */
export function registerReplay(module: Command): void {
  module
    .command('replay')
    .description('runs what was recorded again and compares what the component says, byte by byte')
    .argument('<file>', 'recording')
    .option('--source <folder>', "runs the module in this folder in place of the recording's")
    .option('--step', 'shows what goes in and comes out of one batch after the other, and waits for Enter')
    .option('--json', 'prints a line of JSON for each batch')
    .action(replay)
}

async function replay(path: string, { source, step = false, json = false }: Flags): Promise<void> {
  const recording = await read(path)
  for (const note of notes(recording, path)) process.stderr.write(`ingot: ${note}\n`)
  const code = source === undefined ? undefined : await codeOf(recording, source)
  const cacheDir = defaultCacheDir(checkoutRoot())
  const steps = replayRecording(recording, { cacheDir, ...(code && { code }) })
  const print = json ? printJson : printText()
  const stepper = step ? new Stepper() : undefined
  let [same, different] = [0, 0]
  try {
    for await (const batch of gatherBatches(steps)) {
      if (firstDifference(batch)) different++
      else same++
      if (stepper) process.stdout.write(batch.steps.map(describeStep).join(''))
      print(batch)
      if (stepper && !(await stepper.goesOn())) break
    }
  } finally {
    stepper?.close()
  }
  const { module, name } = recording.header
  if (!json) process.stdout.write(`${module} ${name}: ${same} same, ${different} different\n`)
  if (different > 0) process.exitCode = 1
}

async function read(path: string): Promise<ReadRecording> {
  try {
    return await readRecording(path)
  } catch (error) {
    if (error instanceof RecordingFileError) throw new CommandError(error.message)
    throw error
  }
}

/** What may make the outcome another one, or end it early. */
function notes({ header, damagedAt, endReason, steps }: ReadRecording, path: string): string[] {
  const found: string[] = []
  const here = engines()
  for (const [name, version] of Object.entries(header.engines) as [keyof typeof here, string][]) {
    if (here[name] !== version)
      found.push(`recorded with ${name} ${version}, replayed with ${here[name]}: results may differ for that alone`)
  }
  if (damagedAt !== undefined) found.push(`"${path}" is damaged at byte ${damagedAt}: what comes before is replayed`)
  else if (endReason === undefined) found.push(`"${path}" is cut off: what is there is replayed`)
  if (steps.length === 0) found.push(`"${path}" holds no turn`)
  return found
}

/** The bundle of the recorded component as its folder's sources make it now. */
async function codeOf({ header }: ReadRecording, folder: string): Promise<Uint8Array> {
  const { manifest, dir } = await packModuleFolder(resolve(folder))
  const component = manifest.components.find(({ name }) => name === header.name)
  if (!component)
    throw new CommandError(`Cannot replay with "${folder}": ${manifest.name} has no component "${header.name}"`)
  return readFile(join(dir, component.entry))
}

function printJson(batch: ReplayedBatch): void {
  process.stdout.write(`${JSON.stringify(jsonOf(batch))}\n`)
}

/** A line for each batch, and for turns of none that differ; the first difference in full. */
function printText(): (batch: ReplayedBatch) => void {
  let shown = false
  return (batch) => {
    const difference = firstDifference(batch)
    if (batch.batch !== 0 || difference) process.stdout.write(lineOf(batch))
    if (!difference || shown) return
    shown = true
    process.stdout.write(printDifference(difference))
  }
}

/** Waits on the terminal between batches. */
class Stepper {
  readonly #lines = createInterface({ input: process.stdin, output: process.stderr })
  readonly #answers = this.#lines[Symbol.asyncIterator]()

  /** False when there is no more input, or it says `q`. */
  async goesOn(): Promise<boolean> {
    process.stderr.write('Enter goes on, q ends: ')
    const { done, value } = await this.#answers.next()
    return done !== true && value.trim() !== 'q'
  }

  close(): void {
    this.#lines.close()
  }
}
