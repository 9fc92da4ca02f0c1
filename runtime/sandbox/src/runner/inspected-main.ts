/**
 * The runner of a module whose author debugs it: like any other towards its lane, and beside it the engine's debugger,
 * line by line, on standard input and output.
 */
import fs from 'node:fs'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { encodeHeader, fromRunner, sumOfLengths, toRunner, type Frame, type FrameHead } from '../protocol/frame.ts'
import { FrameReader } from '../protocol/frame-reader.ts'
import type { Assignment, LoadMessage } from '../protocol/messages.ts'
import { loadAddon } from './addon.ts'
import { InspectedRoom } from './inspected-room.ts'

/** What a debugger asks before there is an isolate. */
const earlyMessagesMax = 1_000
const frameBytesMax = 64 * 1024 * 1024

const [addonPath, preludePath] = process.argv.slice(2) as [string, string]
const addon = loadAddon(addonPath)
const prelude = fs.readFileSync(preludePath, 'utf8')
let room: InspectedRoom | undefined
let assignment: Assignment | undefined
const early: string[] = []

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (!assignment) connect((assignment = JSON.parse(line) as Assignment))
    else if (room) room.inspect(line)
    else if (early.length < earlyMessagesMax) early.push(line)
  })
  .on('close', () => process.exit(0))

function connect({ socketPath, token }: Assignment): void {
  const socket = net.connect(socketPath)
  const lane = new Lane(socket)
  const reader = new FrameReader(frameBytesMax, (frame) => lane.receive(frame))
  socket.on('data', (chunk) => reader.push(chunk))
  socket.on('error', () => process.exit(1))
  socket.on('close', () => process.exit(0))
  lane.queue({ kind: fromRunner.hello }, Buffer.from(token))
  lane.flush()
}

/** Frames in their order, one turn after the other; answers to synchronous calls come in the middle of one. */
class Lane {
  readonly #socket: net.Socket
  readonly #answers = new Map<number, (bytes: Uint8Array<ArrayBuffer>) => void>()
  #last: Promise<void> = Promise.resolve()
  #turns = 0

  constructor(socket: net.Socket) {
    this.#socket = socket
  }

  queue(head: FrameHead, ...payload: readonly Uint8Array[]): void {
    this.#socket.write(encodeHeader(head, sumOfLengths(payload)))
    for (const part of payload) if (part.length > 0) this.#socket.write(part)
  }

  flush(): void {}

  receive(frame: Frame): void {
    if (frame.kind === toRunner.syncResult) {
      this.#answers.get(frame.id)?.(frame.payload)
      this.#answers.delete(frame.id)
    } else this.#last = this.#last.then(() => this.#run(frame))
  }

  ask(id: number): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve) => this.#answers.set(id, resolve))
  }

  async #run(frame: Frame): Promise<void> {
    const lost = frame.kind === toRunner.load ? await this.#load(frame) : await room?.turn(frame)
    if (!lost) this.queue({ kind: fromRunner.turnEnd, id: ++this.#turns })
    else if (lost.reason === 'load') this.queue({ kind: fromRunner.lost }, Buffer.from(JSON.stringify(lost)))
    // The debugger's session goes with the isolate: another runner takes this one's place.
    else die(lost.reason)
  }

  async #load(frame: Frame) {
    const bytes = Buffer.from(frame.payload.buffer)
    const message = JSON.parse(bytes.toString('utf8', 0, frame.id)) as LoadMessage
    room = await InspectedRoom.open({
      addon,
      prelude,
      memoryMiB: message.limits.memoryMiB,
      sink: this,
      ask: (id) => this.ask(id),
      die,
      onMessage: (text) => void process.stdout.write(`${text}\n`),
    })
    for (const text of early.splice(0)) room.inspect(text)
    const map = assignment?.sourceMapUrl
    return room.load(message, bytes.toString('utf8', frame.id) + (map ? `\n//# sourceMappingURL=${map}` : ''), frame.at)
  }
}

function die(reason: string): never {
  process.stderr.write(`${reason}\n`)
  process.kill(process.pid, 'SIGKILL')
  throw new Error(reason)
}
