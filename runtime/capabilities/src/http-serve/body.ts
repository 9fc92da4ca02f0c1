import type { IncomingMessage } from 'node:http'

/** Collects a request's body. Bodies that say that they are too large are not read at all. */
export function collectBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | 'too_large' | 'aborted'> {
  const stated = Number(request.headers['content-length'] ?? 0)
  if (stated > bytesMax) return Promise.resolve('too_large')
  return new Promise((resolve) => {
    let pieces: Buffer[] = []
    let bytes = 0
    const take = (piece: Buffer) => {
      bytes += piece.length
      if (bytes <= bytesMax) {
        pieces.push(piece)
        return
      }
      pieces = []
      request.off('data', take)
      resolve('too_large')
    }
    request.on('data', take)
    request.on('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes)))
    request.on('error', () => resolve('aborted'))
    request.on('close', () => resolve('aborted'))
  })
}
