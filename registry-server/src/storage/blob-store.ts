import type { ByteRange } from '../answers/byte-range.ts'

/** Bytes by the hexadecimal SHA-512 of their content. What is in it never changes. */
export interface BlobStore {
  /** A file to write an upload to; it becomes a blob with {@link BlobStore.keep} or goes away with `discard`. */
  stage(): StagedBlob
  /**
   * Makes a staged file durable under its digest. Returns only when it would survive a power cut. May be repeated: equal
   * digests mean equal bytes.
   */
  keep(staged: StagedBlob, sha512: string): Promise<void>
  /** How many bytes a blob has, where there is one. */
  size(sha512: string): Promise<number | undefined>
  /** A blob, or a part of it: then `sizeBytes` is the part's. */
  read(sha512: string, range?: ByteRange): Promise<ReadBlob | undefined>
  /** Removes a blob for good, whether it is there or not. */
  erase(sha512: string): Promise<void>
  /** Removes what no upload can still need: old staged files, and old blobs that `isReferenced` disowns. */
  sweep(isReferenced: (sha512: string) => Promise<boolean>): Promise<number>
  close(): Promise<void>
}

export interface ReadBlob {
  readonly sizeBytes: number
  readonly content: NodeJS.ReadableStream
}

export interface StagedBlob {
  readonly path: string
  discard(): Promise<void>
}
