/** CRC-32 with Castagnoli's polynomial (RFC 3720), which node:zlib does not have. Four tables: four bytes a step. */
const tables = makeTables()

export function crc32c(data: Uint8Array): number {
  const [t0, t1, t2, t3] = tables
  let crc = 0xffff_ffff
  let i = 0
  for (const end = data.length - 3; i < end; i += 4) {
    crc ^= data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!
  }
  for (; i < data.length; i++) crc = t0[(crc ^ data[i]!) & 255]! ^ (crc >>> 8)
  return (crc ^ 0xffff_ffff) >>> 0
}

function makeTables(): [Int32Array, Int32Array, Int32Array, Int32Array] {
  const made: [Int32Array, Int32Array, Int32Array, Int32Array] = [
    new Int32Array(256),
    new Int32Array(256),
    new Int32Array(256),
    new Int32Array(256),
  ]
  for (let n = 0; n < 256; n++) {
    let crc = n
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1
    made[0][n] = crc
  }
  for (let table = 1; table < 4; table++) {
    for (let n = 0; n < 256; n++) {
      const before = made[table - 1]![n]!
      made[table]![n] = made[0][before & 255]! ^ (before >>> 8)
    }
  }
  return made
}
