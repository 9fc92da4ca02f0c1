import type { BlobStore } from './blob-store.ts'
import { FileBlobStore } from './file-blob-store.ts'
import { S3BlobStore } from './s3-blob-store.ts'

/** Opens the bucket that an `s3://` URL names; without one, the registry's own folder. */
export function openBlobStore(location: string | undefined, dataDir: string): Promise<BlobStore> {
  if (location === undefined) return new FileBlobStore(dataDir).open()
  const url = URL.parse(location)
  if (url?.protocol !== 's3:' || url.hostname === '') {
    throw new Error(`Cannot keep modules in "${location}": want "s3://bucket/prefix"`)
  }
  return new S3BlobStore(url, dataDir).open()
}
