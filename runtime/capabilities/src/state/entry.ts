/**
 * One change of a key, as the payload of a record: kind (1 byte: 1 set, 2 deleted), sequence (8, a double), length of
 * the key (4), key and value in UTF-8.
 */
export interface Entry {
  readonly key: string
  /** `undefined`: deleted. */
  readonly value: string | undefined
  /** Of two entries of one key the higher sequence wins, whichever file it is in. */
  readonly sequence: number
}

const fixedBytes = 13

export function encodeEntry(entry: Entry): Buffer {
  const key = Buffer.from(entry.key)
  const value = Buffer.from(entry.value ?? '')
  const bytes = Buffer.allocUnsafe(fixedBytes + key.length + value.length)
  bytes[0] = entry.value === undefined ? 2 : 1
  bytes.writeDoubleLE(entry.sequence, 1)
  bytes.writeUInt32LE(key.length, 9)
  key.copy(bytes, fixedBytes)
  value.copy(bytes, fixedBytes + key.length)
  return bytes
}

/** `undefined` when the payload is none of ours. */
export function decodeEntry(bytes: Buffer): Entry | undefined {
  const kind = bytes[0]
  if (bytes.length < fixedBytes || (kind !== 1 && kind !== 2)) return undefined
  const sequence = bytes.readDoubleLE(1)
  const keyEnd = fixedBytes + bytes.readUInt32LE(9)
  if (keyEnd > bytes.length || !Number.isSafeInteger(sequence) || sequence < 0) return undefined
  const key = bytes.toString('utf8', fixedBytes, keyEnd)
  return { key, value: kind === 1 ? bytes.toString('utf8', keyEnd) : undefined, sequence }
}
