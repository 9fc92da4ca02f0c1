/** Bytes that are not a Snappy block, or one that is larger than allowed. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError'
  readonly code: 'corrupt' | 'too_large'

  constructor(code: 'corrupt' | 'too_large', message: string) {
    super(message)
    this.code = code
  }
}

/** The length that a block says it has when decompressed. */
export function snappyLength(input: Uint8Array): number {
  return header(input)[0]
}

/** Decompresses one block into a new buffer. @throws SnappyError when it is corrupt or longer than `bytesMax`. */
export function snappyDecompress(input: Uint8Array, bytesMax: number): Uint8Array<ArrayBuffer> {
  const [length, start] = header(input)
  if (length > bytesMax)
    throw new SnappyError('too_large', `Cannot decompress: the block holds ${length} bytes, want at most ${bytesMax}`)
  // One byte of input gives at most 64/3 bytes of output: a length that it cannot reach is not worth its buffer.
  if (length > input.length * 22) throw corrupt()
  const out = new Uint8Array(length)
  let at = start
  let to = 0
  while (at < input.length) {
    const tag = input[at++]!
    if ((tag & 3) === 0) {
      const size = literalLength(input, tag, at)
      at += tag >>> 2 < 60 ? 0 : (tag >>> 2) - 59
      if (size > input.length - at || size > length - to) throw corrupt()
      if (size > 64) out.set(input.subarray(at, at + size), to)
      else for (let i = 0; i < size; i++) out[to + i] = input[at + i]!
      at += size
      to += size
      continue
    }
    const extra = (tag & 3) === 3 ? 4 : tag & 3
    if (at + extra > input.length) throw corrupt()
    const size = extra === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const offset =
      extra === 1
        ? ((tag >>> 5) << 8) | input[at]!
        : extra === 2
          ? input[at]! | (input[at + 1]! << 8)
          : (input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)) >>> 0
    at += extra
    if (offset === 0 || offset > to || size > length - to) throw corrupt()
    // Byte by byte: a copy may overlap itself, which repeats its beginning.
    for (let i = 0; i < size; i++, to++) out[to] = out[to - offset]!
  }
  if (to !== length) throw corrupt()
  return out
}

function header(input: Uint8Array): [length: number, start: number] {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = input[i]
    if (byte === undefined) throw corrupt()
    length += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) {
      if (length > 0xffff_ffff) throw corrupt()
      return [length, i + 1]
    }
  }
  throw corrupt()
}

function literalLength(input: Uint8Array, tag: number, at: number): number {
  const n = tag >>> 2
  if (n < 60) return n + 1
  if (at + n - 59 > input.length) throw corrupt()
  let length = 0
  for (let i = 0; i < n - 59; i++) length += input[at + i]! * 256 ** i
  return length + 1
}

function corrupt(): SnappyError {
  return new SnappyError('corrupt', 'Cannot decompress: the bytes are not a Snappy block')
}
