/**
 * The runner: a child process that control starts blank and assigns to one module instance, or to a few of one group. It
 * connects to the lane that feeds it and then runs a plain loop: read a frame, run one turn in the isolate, write what came of it. Nothing in
 * this process is asynchronous once the loop has begun, so nothing of the module runs between turns.
 */
import fs from 'node:fs'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { Assignment, LoadMessage, LostMessage } from '../protocol/messages.ts'
import { loadAddon } from './addon.ts'
import { Connection } from './connection.ts'
import { Room } from './room.ts'

const assignmentChunkBytes = 4096

const [addonPath, preludePath, memoryText] = process.argv.slice(2) as [string, string, string]
const addon = loadAddon(addonPath)
const prelude = fs.readFileSync(preludePath, 'utf8')
let connection: Connection | undefined
/** Made before it is asked for, so that an assignment or a replacement need not wait for it. */
let spare: Room | undefined = makeRoom(Number(memoryText))

/** One of the instances that have their isolate here. */
interface Member {
  room: Room | undefined
  turns: number
}

connect(readAssignment(), (opened) => {
  connection = opened
  serve(opened)
  process.exit(0)
})

function serve(lane: Connection): void {
  const members = new Map<number, Member>()
  for (;;) {
    const frame = lane.read()
    if (!frame) return
    const member = memberOf(members, lane.member)
    if (frame.kind === toRunner.load || frame.kind === toRunner.unload) {
      member.turns = 0
      member.room?.dispose()
      member.room = undefined
    }
    if (frame.kind === toRunner.readings) member.room?.readings.give(frame.payload)
    if (frame.kind === toRunner.readings || frame.kind === toRunner.unload) continue
    let lost: LostMessage | undefined
    if (frame.kind === toRunner.load) [member.room, lost] = load(frame)
    // Frames that were under way when the isolate was lost: the lane sends them again.
    else if (!member.room) continue
    else lost = member.room.turn(frame)
    if (lost) {
      member.room.dispose()
      member.room = undefined
      lane.queue({ kind: fromRunner.lost }, Buffer.from(JSON.stringify(lost)))
    } else {
      lane.queue({ kind: fromRunner.turnEnd, id: ++member.turns }, member.room.readings.tell())
    }
    lane.flush()
  }
}

function memberOf(members: Map<number, Member>, index: number): Member {
  const known = members.get(index)
  if (known) return known
  const member: Member = { room: undefined, turns: 0 }
  members.set(index, member)
  return member
}

/** `id` of the frame: length of the message; the bundle follows it. */
function load(frame: Frame): [Room, LostMessage | undefined] {
  const bytes = Buffer.from(frame.payload.buffer)
  const message = JSON.parse(bytes.toString('utf8', 0, frame.id)) as LoadMessage
  const ready = spare?.memoryMiB === message.limits.memoryMiB ? spare : undefined
  if (!ready) spare?.dispose()
  spare = undefined
  const room = ready ?? makeRoom(message.limits.memoryMiB)
  const lost = room.load(message, bytes.toString('utf8', frame.id), frame.at)
  return [room, lost]
}

function makeRoom(memoryMiB: number): Room {
  return new Room({ addon, prelude, memoryMiB, connection: () => connection!, die })
}

function die(reason: string): never {
  connection?.queue(
    { kind: fromRunner.lost },
    Buffer.from(JSON.stringify({ reason: 'disposed', error: reason, wallMs: 0, cpuMs: 0 })),
  )
  connection?.flush()
  process.kill(process.pid, 'SIGKILL')
  throw new Error(reason)
}

/**
 * One line on standard input, waited for in the call: streams and sockets would be megabytes in every blank runner. The end
 * of the input means that control is gone.
 */
function readAssignment(): Assignment {
  const chunk = Buffer.allocUnsafeSlow(assignmentChunkBytes)
  let text = ''
  while (!text.includes('\n')) {
    const read = fs.readSync(0, chunk, 0, chunk.length, null)
    if (read === 0) process.exit(0)
    text += chunk.toString('latin1', 0, read)
  }
  return JSON.parse(Buffer.from(text, 'latin1').toString()) as Assignment
}

interface BlockingHandle {
  readonly fd: number
  setBlocking(blocking: boolean): number
  readStop(): number
}

function connect({ socketPath, token }: Assignment, then: (connection: Connection) => void): void {
  const socket = process.getBuiltinModule('node:net').connect(socketPath)
  socket.on('error', (error) => {
    process.stderr.write(`Cannot connect to the lane: ${error.message}\n`)
    process.exit(1)
  })
  socket.on('connect', () => {
    // From here on the descriptor is read and written with blocking calls; the stream around it stays unused.
    const handle = (socket as unknown as { readonly _handle: BlockingHandle })._handle
    handle.readStop()
    handle.setBlocking(true)
    const opened = new Connection(handle.fd)
    opened.queue({ kind: fromRunner.hello }, Buffer.from(token))
    opened.flush()
    then(opened)
  })
}
