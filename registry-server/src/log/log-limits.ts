/** Entries and hashes of a full tile (C2SP tlog-tiles). */
export const tileWidth = 256
/** A tile's level covers eight of the tree. */
export const tileHeight = 8
/** In a bundle of entries the length before each has 16 bits. */
export const logLeafBytesMax = 65_535
