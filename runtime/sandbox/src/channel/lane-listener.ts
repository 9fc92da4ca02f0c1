import { randomBytes, timingSafeEqual } from 'node:crypto'
import fs from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { encodeHeader, fromRunner, sumOfLengths, type Frame, type FrameHead } from '../protocol/frame.ts'
import { FrameReader } from '../protocol/frame-reader.ts'
import { frameMemory } from './frame-memory.ts'
import { makeSocketFolder } from './socket-folder.ts'

const helloTimeoutMs = 10_000
const readBytes = 256 * 1024

/** One runner's data connection. */
export class LaneConnection {
  readonly #socket: net.Socket
  readonly #reader: FrameReader
  onFrame: (frame: Frame) => void = () => {}
  onEnd: (error: Error | undefined) => void = () => {}

  constructor(accepted: net.Socket, payloadBytesMax: number) {
    this.#reader = new FrameReader(
      payloadBytesMax,
      (frame) => this.onFrame(frame),
      (length) => frameMemory.take(length),
    )
    this.#socket = withOneBuffer(accepted, (chunk) => this.#read(chunk))
    this.#socket.on('error', () => this.#end(undefined))
    this.#socket.on('close', () => this.#end(undefined))
  }

  /** The payload must not change until it is written: then the system has all of it, and `onWritten` is called. */
  send(head: FrameHead, payload: readonly Uint8Array[], onWritten?: () => void): void {
    if (this.#socket.destroyed) return
    this.#socket.cork()
    const header = encodeHeader(head, sumOfLengths(payload))
    this.#socket.write(header, (error) => {
      if (!error) onWritten?.()
    })
    for (const part of payload) if (part.length > 0) this.#socket.write(part)
    this.#socket.uncork()
  }

  close(): void {
    this.onFrame = () => {}
    this.onEnd = () => {}
    this.#socket.destroy()
  }

  #read(chunk: Uint8Array): boolean {
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.#end(error as Error)
    }
    return true
  }

  #end(error: Error | undefined): void {
    const { onEnd } = this
    this.close()
    onEnd(error)
  }
}

/**
 * The same connection, read into one buffer over and over. A stream's own chunks would be as much garbage as telemetry
 * that flows, outside of the heap, where it makes the collector run early. Only a socket that is made with a handle
 * takes a buffer, and an accepted one is made already.
 */
function withOneBuffer(accepted: net.Socket, callback: (chunk: Uint8Array) => boolean): net.Socket {
  const owner = accepted as unknown as { _handle: unknown }
  const handle = owner._handle
  owner._handle = null
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const options = {
    handle,
    allowHalfOpen: false,
    onread: { buffer, callback: (bytes: number) => callback(buffer.subarray(0, bytes)) },
  }
  const socket = new net.Socket(options as net.SocketConstructorOpts)
  socket.resume()
  return socket
}

/**
 * A Unix socket in a folder of its own that only this user may enter, for exactly one runner at a time. A runner
 * connects before it has seen any code of a module, and proves itself with the token that control gave it.
 */
export class LaneListener {
  readonly socketPath: string
  readonly #dir: string
  readonly #server: net.Server
  readonly #payloadBytesMax: number
  #expected: { readonly token: Buffer; readonly resolve: (connection: LaneConnection) => void } | undefined

  static async open(payloadBytesMax: number): Promise<LaneListener> {
    const dir = await makeSocketFolder()
    const listener = new LaneListener(dir, payloadBytesMax)
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject)
      listener.#server.listen(listener.socketPath, resolve)
    })
    listener.#server.unref()
    return listener
  }

  private constructor(dir: string, payloadBytesMax: number) {
    this.#dir = dir
    this.socketPath = path.join(dir, 'lane')
    this.#payloadBytesMax = payloadBytesMax
    this.#server = net.createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket))
  }

  /** A token for the next runner, and its connection when it has come. */
  expect(): { readonly token: string; readonly connection: Promise<LaneConnection> } {
    const token = randomBytes(24).toString('base64url')
    const connection = new Promise<LaneConnection>((resolve) => {
      this.#expected = { token: Buffer.from(token), resolve }
    })
    return { token, connection }
  }

  async close(): Promise<void> {
    this.#expected = undefined
    this.#server.close()
    await fs.rm(this.#dir, { recursive: true, force: true })
  }

  #accept(socket: net.Socket): void {
    const expected = this.#expected
    if (!expected) {
      socket.destroy()
      return
    }
    const connection = new LaneConnection(socket, this.#payloadBytesMax)
    const timer = setTimeout(() => connection.close(), helloTimeoutMs).unref()
    connection.onFrame = (frame) => {
      clearTimeout(timer)
      const known =
        frame.kind === fromRunner.hello &&
        frame.payload.length === expected.token.length &&
        timingSafeEqual(frame.payload, expected.token)
      if (!known || this.#expected !== expected) {
        connection.close()
        return
      }
      this.#expected = undefined
      connection.onFrame = () => {}
      expected.resolve(connection)
    }
  }
}
