/**
 * The block format of Snappy (https://github.com/google/snappy/blob/main/format_description.txt), written into buffers
 * that are used again: fresh output pages on each call cost more than the compression.
 */

/** Matches reach back at most this far, so that positions within a fragment fit 16 bits. */
const fragmentBytes = 1 << 16
const hashBits = 14
const hashShift = 32 - hashBits
/** Input this near to the end of a fragment is not searched: four bytes are read at once. */
const margin = 15

const table = new Uint16Array(1 << hashBits)
let output = new Uint8Array(1 << 16)

/** Most bytes that `length` bytes can become. */
export function snappyLengthMax(length: number): number {
  return 32 + length + Math.floor(length / 6)
}

/** Compresses `input`. The result is a view of memory that the next call writes over: use or copy it before. */
export function snappyCompress(input: Uint8Array): Uint8Array {
  const needed = snappyLengthMax(input.length)
  if (needed > output.length) output = new Uint8Array(Math.max(needed, output.length * 2))
  const length = snappyCompressInto(input, output)
  return output.subarray(0, length)
}

/** Compresses `input` into `into`, which must hold {@link snappyLengthMax} bytes; returns the bytes written. */
export function snappyCompressInto(input: Uint8Array, into: Uint8Array): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  let at = 0
  let rest = input.length
  while (rest > 0x7f) {
    into[at++] = (rest & 0x7f) | 0x80
    rest = Math.floor(rest / 128)
  }
  into[at++] = rest
  for (let start = 0; start < input.length; start += fragmentBytes) {
    at = compressFragment(input, view, start, Math.min(start + fragmentBytes, input.length), into, at)
  }
  return at
}

function compressFragment(
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  into: Uint8Array,
  to: number,
): number {
  let at = to
  let literal = start
  if (end - start >= margin) {
    table.fill(0)
    const limit = end - margin
    let pos = start + 1
    let next = view.getInt32(pos, true)
    search: for (;;) {
      // The longer nothing is found, the larger the steps: incompressible data passes quickly.
      let skip = 32
      let candidate: number
      for (;;) {
        const hash = Math.imul(next, 0x1e35a7bd) >>> hashShift
        const step = skip >>> 5
        candidate = start + table[hash]!
        table[hash] = pos - start
        if (next === view.getInt32(candidate, true) && candidate < pos) break
        pos += step
        skip += step
        if (pos > limit) break search
        next = view.getInt32(pos, true)
      }
      at = putLiteral(input, literal, pos, into, at)
      for (;;) {
        const length = 4 + matchLength(view, candidate + 4, pos + 4, end)
        at = putCopy(into, at, pos - candidate, length)
        pos += length
        literal = pos
        if (pos >= limit) break search
        table[Math.imul(view.getInt32(pos - 1, true), 0x1e35a7bd) >>> hashShift] = pos - 1 - start
        next = view.getInt32(pos, true)
        const hash = Math.imul(next, 0x1e35a7bd) >>> hashShift
        candidate = start + table[hash]!
        table[hash] = pos - start
        if (next !== view.getInt32(candidate, true) || candidate >= pos) break
      }
      pos++
      if (pos > limit) break
      next = view.getInt32(pos, true)
    }
  }
  return literal < end ? putLiteral(input, literal, end, into, at) : at
}

/** How many bytes at `a` and at `b` are alike, up to `end`. */
function matchLength(view: DataView, a: number, b: number, end: number): number {
  const from = b
  let i = a
  let j = b
  while (j + 4 <= end) {
    const difference = view.getInt32(i, true) ^ view.getInt32(j, true)
    if (difference !== 0) return j - from + ((31 - Math.clz32(difference & -difference)) >>> 3)
    i += 4
    j += 4
  }
  while (j < end && view.getUint8(i) === view.getUint8(j)) {
    i++
    j++
  }
  return j - from
}

function putLiteral(input: Uint8Array, start: number, end: number, into: Uint8Array, to: number): number {
  let at = to
  const length = end - start
  const n = length - 1
  if (n < 60) into[at++] = n << 2
  else if (n < 0x100) {
    into[at++] = 60 << 2
    into[at++] = n
  } else {
    into[at++] = 61 << 2
    into[at++] = n & 0xff
    into[at++] = n >>> 8
  }
  if (length > 96) {
    into.set(input.subarray(start, end), at)
    return at + length
  }
  for (let i = start; i < end; i++) into[at++] = input[i]!
  return at
}

function putCopy(into: Uint8Array, to: number, offset: number, matched: number): number {
  let at = to
  let length = matched
  // A copy with a two-byte offset holds 64 bytes; the last one keeps at least four so that the short form stays open.
  while (length >= 68) {
    into[at++] = (63 << 2) | 2
    into[at++] = offset & 0xff
    into[at++] = offset >>> 8
    length -= 64
  }
  if (length > 64) {
    into[at++] = (59 << 2) | 2
    into[at++] = offset & 0xff
    into[at++] = offset >>> 8
    length -= 60
  }
  if (length < 12 && offset < 2048) {
    into[at++] = ((offset >>> 8) << 5) | ((length - 4) << 2) | 1
    into[at++] = offset & 0xff
    return at
  }
  into[at++] = ((length - 1) << 2) | 2
  into[at++] = offset & 0xff
  into[at++] = offset >>> 8
  return at
}
