import { open, type FileHandle } from 'node:fs/promises'
import type http from 'node:http'
import { readRecording } from '@ingot/engine'
import { parseDuration } from '@ingot/sdk'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { askCollector } from '../ask-collector.ts'
import { CommandError } from '../command-error.ts'
import { batchesOf } from '../replayed-batches.ts'

interface Flags {
  readonly output: string
  readonly duration: number
  readonly batches?: number | undefined
  readonly url: string
}

/** `ingot module record`: what a running component is told and says, in a file that `ingot module replay` runs again. */
export function registerRecord(module: Command): void {
  module
    .command('record')
    .description('starts a component of a running collector anew, and records what it is told and says')
    .argument('<component id>', 'component in a runner, "redact.pii.main"')
    .requiredOption('--output <file>', 'new file, for you alone: it holds telemetry as it flows')
    .addOption(new Option('--duration <duration>', 'how long to record').argParser(milliseconds).default(30_000, '30s'))
    .option('--batches <number>', 'how many batches to record, at most', wholeNumber)
    .option('--url <url>', "address of the collector's HTTP server, on this machine", 'http://127.0.0.1:12345')
    .action(record)
}

async function record(component: string, { output, duration, batches, url }: Flags): Promise<void> {
  const answer = await askCollector({
    what: 'record',
    method: 'POST',
    path: `/api/v0/ingot/recordings/${component}`,
    query: { duration_ms: String(duration), ...(batches !== undefined && { batches: String(batches) }) },
    url,
  })
  const file = await newFile(output).catch((error: unknown) => {
    answer.destroy()
    throw error
  })
  const stop = (): void => void answer.destroy()
  process.once('SIGINT', stop)
  try {
    await copy(answer, file)
  } finally {
    process.removeListener('SIGINT', stop)
    await file.close()
  }
  const { steps, endReason } = await readRecording(output)
  const why = endReason ?? 'it was cut off; what came before is kept'
  process.stdout.write(`recorded ${batchesOf(steps)} batches of ${component} in ${output}: ${why}\n`)
}

async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new CommandError(`Cannot record to "${path}": it is there already`, 'name a new file')
  }
}

/** What came before the collector went away, or the user had enough, is kept. */
async function copy(answer: http.IncomingMessage, file: FileHandle): Promise<void> {
  try {
    for await (const chunk of answer) await file.appendFile(chunk as Buffer)
  } catch (error) {
    if (!['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    process.exitCode = 1
  }
}

function milliseconds(text: string): number {
  try {
    return Math.max(1, Math.round(parseDuration(text)))
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('want a whole number above 0')
  return number
}
