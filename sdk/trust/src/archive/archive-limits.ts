const mebibyte = 2 ** 20

/** Bounds of a packed module (registry.md §2). Reading stops at the first one that is passed. */
export interface ArchiveLimits {
  readonly packedBytesMax: number
  readonly unpackedBytesMax: number
  readonly entriesMax: number
  readonly fileBytesMax: number
  readonly depthMax: number
  readonly pathBytesMax: number
}

export const archiveLimits: ArchiveLimits = {
  packedBytesMax: 10 * mebibyte,
  unpackedBytesMax: 32 * mebibyte,
  entriesMax: 2000,
  fileBytesMax: 8 * mebibyte,
  depthMax: 16,
  pathBytesMax: 200,
}
