import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { archiveLimits } from '@ingot/trust'
import { Problem } from '../problem.ts'
import type { BlobStore, StagedBlob } from '../storage/blob-store.ts'

export interface Upload {
  readonly staged: StagedBlob
  readonly sha512: string
  readonly sizeBytes: number
}

/** Streams a body into the staging area, counting and hashing as it comes. @throws Problem when it is too large or another one than `digest`. */
export async function receiveUpload(body: Readable, digest: string, blobs: BlobStore): Promise<Upload> {
  const staged = blobs.stage()
  const hash = createHash('sha512')
  let sizeBytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length
      hash.update(chunk)
      if (sizeBytes > archiveLimits.packedBytesMax) {
        done(new Problem('too_large', `Cannot take the module: found more than ${archiveLimits.packedBytesMax} bytes`))
      } else done(null, chunk)
    },
  })
  try {
    await pipeline(body, counted, createWriteStream(staged.path, { flags: 'wx' }))
    const sha512 = hash.digest('hex')
    if (sha512 !== digest) {
      throw new Problem('digest_mismatch', `Cannot take the module: found bytes of sha512 ${sha512}, want ${digest}`)
    }
    return { staged, sha512, sizeBytes }
  } catch (error) {
    await staged.discard()
    throw error
  }
}

/** Hex of the SHA-512 in a `Repr-Digest` header (RFC 9530). @throws Problem */
export function parseDigest(header: string | undefined): string {
  const base64 = /(?:^|,\s*)sha-512=:([A-Za-z0-9+/]{86}==):/.exec(header ?? '')?.[1]
  if (base64 === undefined) {
    throw new Problem('digest_missing', 'Cannot take the module: want the header "repr-digest: sha-512=:<base64>:"')
  }
  return Buffer.from(base64, 'base64').toString('hex')
}
