import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** Bytes of one read of a socket. */
const readBytes = 256 * 1024

/** What all sockets of this thread read into, one after the other. */
const memory = Buffer.alloc(readBytes)

export interface ReadingConnectorOptions {
  readonly connect: buildConnector.BuildOptions
  /** The most that the parser takes as headers: it keeps views of those until they are complete. */
  readonly headerBytesMax: number
}

/**
 * Connects as undici does, with sockets that read into the same memory again and again. Node.js makes a new buffer for
 * each read, so that receiving large responses would mostly be work for the garbage collector.
 *
 * What is read is handed to undici's parser before anything else can be read: the parser runs in the tick after a read.
 * What it leaves there, because it is paused, is then copied, and so is what may be the beginning of headers: a read that
 * is shorter than the longest headers. Pieces of a body are views of this memory, valid while they are handed over.
 */
export function readingConnector({ connect, headerBytesMax }: ReadingConnectorOptions): buildConnector.connector {
  return (target, callback) => {
    let socket: Socket | undefined
    const keepRest = (): void => {
      if (socket!.readableLength === 0) return
      const rest = socket!.read() as Buffer | null
      if (rest) socket!.unshift(Buffer.from(rest))
    }
    const onread = {
      buffer: memory,
      callback: (bytes: number): boolean => {
        const piece = memory.subarray(0, bytes)
        if (bytes < headerBytesMax) return socket!.push(Buffer.from(piece))
        const more = socket!.push(piece)
        // Behind the parser's tick, which the push has asked for.
        process.nextTick(keepRest)
        return more
      },
    }
    buildConnector({ ...connect, onread } as buildConnector.BuildOptions)(target, (...result) => {
      socket = result[1] ?? undefined
      callback(...result)
    })
  }
}
