import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { ByteRange } from '../answers/byte-range.ts'
import type { BlobStore, ReadBlob, StagedBlob } from './blob-store.ts'
import { abandonedAfterMs, StagingFolder } from './staging-folder.ts'

/** A store that does not answer must not hold uploads for ever; the client itself tries three times. */
const timeouts = { connectionTimeout: 5_000, requestTimeout: 60_000 }

/**
 * Blobs as objects of a bucket, `<prefix>blobs/sha512/<hex>`. A put needs no condition: whoever comes second writes the
 * same bytes. Uploads are staged on the server's own disk.
 */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #prefix: string
  readonly #staging: StagingFolder

  /**
   * `location`: `s3://bucket/prefix`, for stores other than Amazon's with `?endpoint=https://…` and `&region=…`.
   * Credentials come from where Amazon's tools look for them: the environment, a profile, the machine's role.
   */
  constructor(location: URL, dataDir: string) {
    const endpoint = location.searchParams.get('endpoint')
    const region = location.searchParams.get('region')
    this.#client = new S3Client({
      ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
      ...(region === null ? {} : { region }),
      // The signature covers a hash of the body already; not every store knows the checksums that came later.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: timeouts,
    })
    this.#bucket = location.hostname
    this.#prefix = `${location.pathname.replace(/^\/+|\/+$/g, '')}/blobs/sha512/`.replace(/^\//, '')
    this.#staging = new StagingFolder(dataDir)
  }

  async open(): Promise<this> {
    await this.#staging.open()
    return this
  }

  stage(): StagedBlob {
    return this.#staging.stage()
  }

  async keep(staged: StagedBlob, sha512: string): Promise<void> {
    // A module has few MiB at most: in memory it can be hashed for the signature and sent again.
    const body = await readFile(staged.path)
    await this.#client.send(new PutObjectCommand({ ...this.#at(sha512), Body: body, ContentType: 'application/gzip' }))
    await staged.discard()
  }

  async size(sha512: string): Promise<number | undefined> {
    const found = await this.#client.send(new HeadObjectCommand(this.#at(sha512))).catch(unlessAbsent)
    return found?.ContentLength
  }

  async read(sha512: string, range?: ByteRange): Promise<ReadBlob | undefined> {
    const part = range && { Range: `bytes=${range.first}-${range.last}` }
    const found = await this.#client.send(new GetObjectCommand({ ...this.#at(sha512), ...part })).catch(unlessAbsent)
    return found && { sizeBytes: found.ContentLength!, content: found.Body as Readable }
  }

  async erase(sha512: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#at(sha512)))
  }

  async sweep(isReferenced: (sha512: string) => Promise<boolean>): Promise<number> {
    let removed = await this.#staging.sweep()
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: this.#prefix })
    for await (const { Contents = [] } of pages) {
      for (const { Key } of Contents) {
        const sha512 = Key!.slice(this.#prefix.length)
        if (!(await isReferenced(sha512)) && (await this.#isOld(sha512))) {
          await this.#client.send(new DeleteObjectCommand(this.#at(sha512)))
          removed++
        }
      }
    }
    return removed
  }

  /** Asked after it was found without a version: an upload of the same bytes has renewed it by then. */
  async #isOld(sha512: string): Promise<boolean> {
    const found = await this.#client.send(new HeadObjectCommand(this.#at(sha512))).catch(unlessAbsent)
    return found !== undefined && Date.now() - found.LastModified!.getTime() >= abandonedAfterMs
  }

  #at(sha512: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${sha512}` }
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }
}

function unlessAbsent(error: { $metadata?: { httpStatusCode?: number } }): undefined {
  if (error.$metadata?.httpStatusCode === 404) return undefined
  throw error
}
