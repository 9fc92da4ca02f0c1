/**
 * The frames between a lane and its runner: a header of 24 bytes, little-endian, then the payload. The runner is not
 * trusted once it has run module code, so the lane takes every field as a claim.
 *
 * `u32 payload length · u8 kind · u8 flag · u16 index · u32 id · u32 owner · f64 at`; `owner` is the delivery on whose
 * behalf a frame is sent, 0 for none. `at` is the time that the module sees during the turn, since the epoch: of the
 * batch's arrival, or of the sending. The lane alone sets it: what a turn does follows from frames alone.
 */
export const headerBytes = 24

/** What the lane sends. Each but `syncResult`, `readings`, `member` and `unload` runs one turn, which the runner ends with `turnEnd`. */
export const toRunner = {
  load: 1,
  start: 2,
  deliver: 3,
  resume: 4,
  syncResult: 5,
  update: 6,
  stop: 7,
  debugInfo: 8,
  invoke: 9,
  port: 10,
  readings: 11,
  /** What follows is for the isolate with this index: only where several share a runner. */
  member: 12,
  /** The isolate is needed no more. */
  unload: 13,
  /** Of a module that is loaded for its functions. */
  callFunction: 14,
} as const

/** What the runner sends. */
export const fromRunner = {
  hello: 64,
  turnEnd: 65,
  settled: 66,
  emit: 67,
  call: 68,
  syncCall: 69,
  abort: 70,
  log: 71,
  ledger: 72,
  exports: 73,
  health: 74,
  exited: 75,
  lost: 76,
  reply: 77,
  metric: 78,
  invoked: 79,
  release: 80,
} as const

export interface Frame {
  readonly kind: number
  readonly flag: number
  readonly index: number
  readonly id: number
  readonly owner: number
  readonly at: number
  readonly payload: Uint8Array<ArrayBuffer>
}

export interface FrameHead {
  readonly kind: number
  readonly flag?: number
  readonly index?: number
  readonly id?: number
  readonly owner?: number
  readonly at?: number
}

/** A header for a payload of the given length, in memory of its own: pooled memory would reach other readers. */
export function encodeHeader(head: FrameHead, payloadBytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(headerBytes)
  const view = new DataView(header.buffer)
  view.setUint32(0, payloadBytes, true)
  view.setUint8(4, head.kind)
  view.setUint8(5, head.flag ?? 0)
  view.setUint16(6, head.index ?? 0, true)
  view.setUint32(8, head.id ?? 0, true)
  view.setUint32(12, head.owner ?? 0, true)
  view.setFloat64(16, head.at ?? 0, true)
  return header
}

export function sumOfLengths(parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) sum += part.length
  return sum
}

/** Memory that is not zeroed first and not pooled: it is overwritten whole before anyone sees it. */
export function payloadMemory(length: number): Uint8Array<ArrayBuffer> {
  const buffer = Buffer.allocUnsafeSlow(length)
  return new Uint8Array(buffer.buffer, buffer.byteOffset, length)
}

/** The payload's length that a header states. */
export function payloadLength(view: DataView): number {
  return view.getUint32(0, true)
}

export function decodeFrame(view: DataView, payload: Uint8Array<ArrayBuffer>): Frame {
  return {
    kind: view.getUint8(4),
    flag: view.getUint8(5),
    index: view.getUint16(6, true),
    id: view.getUint32(8, true),
    owner: view.getUint32(12, true),
    at: view.getFloat64(16, true),
    payload,
  }
}
