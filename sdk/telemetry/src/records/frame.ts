import { decodeUtf8, encodeUtf8 } from '../utf8/utf8.ts'
import { isRecordsType, type RecordsBatch } from './batch.ts'

// A frame: the word that all of them begin with, the length of the type, the number of rows, the type, the rows.
export const recordsWord = 0x31_52_46_49
const headBytes = 12
const newline = 0x0a

export function encodeRecordsFrame({ type, count, bytes }: RecordsBatch): Uint8Array<ArrayBuffer> {
  const name = encodeUtf8(type)
  const frame = new Uint8Array(headBytes + name.length + bytes.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, recordsWord, true)
  view.setUint32(4, name.length, true)
  view.setUint32(8, count, true)
  frame.set(name, headBytes)
  frame.set(bytes, headBytes + name.length)
  return frame
}

/** The batch in a frame, as a view of it. Rows are counted; what they hold is for the receiver's schema to say. @throws when it is malformed */
export function decodeRecordsFrame(frame: Uint8Array): RecordsBatch {
  if (frame.length < headBytes) throw new Error('Cannot read a frame of records: it is shorter than its beginning')
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const nameEnd = headBytes + view.getUint32(4, true)
  const count = view.getUint32(8, true)
  const type = nameEnd <= frame.length ? decodeUtf8(frame.subarray(headBytes, nameEnd)) : ''
  if (!isRecordsType(type)) throw new Error('Cannot read a frame of records: found no type of records')
  const bytes = frame.subarray(nameEnd)
  const found = rowsIn(bytes)
  if (found !== count) throw new Error(`Cannot read a frame of records: found ${found} rows, want ${count}`)
  return { type, count, bytes }
}

/** -1 when the last row does not end. */
function rowsIn(bytes: Uint8Array): number {
  if (bytes.length > 0 && bytes[bytes.length - 1] !== newline) return -1
  let rows = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) rows++
  return rows
}
