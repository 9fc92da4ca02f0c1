/**
 * AssemblyScript. Snappy's block format, compressed in static memory: step by step what sdk/telemetry/src/snappy does,
 * and byte by byte with the same result. In memory come the hash table, the input, the output.
 * `node runtime/capabilities/src/codec/kernel/build-kernel.ts` makes snappy.wasm of it.
 */

const hashBits: u32 = 14
const hashShift: u32 = 32 - hashBits
const tableBytes: usize = 1 << (hashBits + 1)
const fragmentBytes: usize = 1 << 16
const margin: usize = 15
/** Bytes behind input and output that may be read, and written over: bytes are moved eight at a time. */
const slack: usize = 64

/** Where the input goes: behind the table. */
export function inputAt(): usize {
  return tableBytes
}

/** Where the output of `length` bytes goes; the memory grows to hold both. 0 where it cannot. */
export function outputFor(length: u32): usize {
  const output = (tableBytes + <usize>length + slack + 15) & ~15
  const end = output + 32 + length + length / 6 + slack
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) return 0
  return output
}

/** Compresses the input of `length` bytes to `output`; returns the bytes written. */
export function compress(length: u32, output: usize): u32 {
  let at = output
  let rest = length
  while (rest > 0x7f) {
    store<u8>(at++, <u8>((rest & 0x7f) | 0x80))
    rest >>>= 7
  }
  store<u8>(at++, <u8>rest)
  const stop = tableBytes + <usize>length
  for (let start = tableBytes; start < stop; start += fragmentBytes) {
    at = fragment(start, min(start + fragmentBytes, stop), at)
  }
  return <u32>(at - output)
}

@inline
function slotOf(bytes: u32): usize {
  return <usize>((bytes * 0x1e35a7bd) >>> hashShift) << 1
}

function fragment(start: usize, end: usize, to: usize): usize {
  let at = to
  let literal = start
  if (end - start >= margin) {
    memory.fill(0, 0, tableBytes)
    const limit = end - margin
    let pos = start + 1
    let next = load<u32>(pos)
    let searching = true
    while (searching) {
      let skip: usize = 32
      let candidate: usize = 0
      for (;;) {
        const slot = slotOf(next)
        candidate = start + <usize>load<u16>(slot)
        store<u16>(slot, <u16>(pos - start))
        if (next == load<u32>(candidate) && candidate < pos) break
        const step = skip >>> 5
        pos += step
        skip += step
        if (pos > limit) {
          searching = false
          break
        }
        next = load<u32>(pos)
      }
      if (!searching) break
      at = putLiteral(literal, pos, at)
      for (;;) {
        const length = 4 + <u32>matchLength(candidate + 4, pos + 4, end)
        at = putCopy(at, <u32>(pos - candidate), length)
        pos += length
        literal = pos
        if (pos >= limit) {
          searching = false
          break
        }
        store<u16>(slotOf(load<u32>(pos - 1)), <u16>(pos - 1 - start))
        next = load<u32>(pos)
        const slot = slotOf(next)
        candidate = start + <usize>load<u16>(slot)
        store<u16>(slot, <u16>(pos - start))
        if (next != load<u32>(candidate) || candidate >= pos) break
      }
      if (!searching) break
      pos++
      if (pos > limit) break
      next = load<u32>(pos)
    }
  }
  return literal < end ? putLiteral(literal, end, at) : at
}

function matchLength(a: usize, b: usize, end: usize): usize {
  const from = b
  let i = a
  let j = b
  while (j + 8 <= end) {
    const difference = load<u64>(i) ^ load<u64>(j)
    if (difference != 0) return j - from + <usize>(ctz(difference) >>> 3)
    i += 8
    j += 8
  }
  while (j < end && load<u8>(i) == load<u8>(j)) {
    i++
    j++
  }
  return j - from
}

function putLiteral(start: usize, end: usize, to: usize): usize {
  let at = to
  const length = end - start
  const n = length - 1
  if (n < 60) store<u8>(at++, <u8>(n << 2))
  else if (n < 0x100) {
    store<u8>(at, 60 << 2)
    store<u8>(at + 1, <u8>n)
    at += 2
  } else {
    store<u8>(at, 61 << 2)
    store<u16>(at + 1, <u16>n)
    at += 3
  }
  if (length > 64) memory.copy(at, start, length)
  else
    for (let i: usize = 0; i < length; i += 8) store<u64>(at + i, load<u64>(start + i))
  return at + length
}

function putCopy(to: usize, offset: u32, matched: u32): usize {
  let at = to
  let length = matched
  while (length >= 68) {
    store<u8>(at, (63 << 2) | 2)
    store<u16>(at + 1, <u16>offset)
    at += 3
    length -= 64
  }
  if (length > 64) {
    store<u8>(at, (59 << 2) | 2)
    store<u16>(at + 1, <u16>offset)
    at += 3
    length -= 60
  }
  if (length < 12 && offset < 2048) {
    store<u8>(at, <u8>(((offset >>> 8) << 5) | ((length - 4) << 2) | 1))
    store<u8>(at + 1, <u8>offset)
    return at + 2
  }
  store<u8>(at, <u8>(((length - 1) << 2) | 2))
  store<u16>(at + 1, <u16>offset)
  return at + 3
}
