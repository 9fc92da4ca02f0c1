import type { Loss } from '../channel/runner-session.ts'
import { decodeFrame, encodeHeader, fromRunner, headerBytes, type Frame, type FrameHead } from '../protocol/frame.ts'

/** What a recording says of itself, before anything else. */
export interface RecordingHeader {
  readonly version: number
  /** Id of the component instance. */
  readonly component: string
  /** `@acme/redact@1.4.2`. */
  readonly module: string
  /** `pii`: as its module names the component. */
  readonly name: string
  readonly sha256: string
  /** Of Node.js, V8 and ICU: what a module gives is the same under the same ones. */
  readonly engines: Engines
  readonly startedAt: string
}

export interface Engines {
  readonly node: string
  readonly v8: string
  readonly icu: string
}

/** The engines of this process, and of the runners that it starts. */
export function engines(): Engines {
  const { node, v8, icu = '' } = process.versions
  return { node, v8, icu }
}

/** Recordings of another version are not read. */
export const recordingVersion = 1

/** What the file begins with; records follow, each with a checksum, that hold an entry each. */
export const recordingMagic: Uint8Array = new TextEncoder().encode('INGOTREC')

export type Entry =
  | { readonly kind: 'header'; readonly header: RecordingHeader }
  /** The module's bundle. */
  | { readonly kind: 'code'; readonly code: Uint8Array }
  /** A frame to the runner; of `load`, without the bundle. */
  | { readonly kind: 'sent'; readonly frame: Frame }
  | { readonly kind: 'received'; readonly frame: Frame }
  | { readonly kind: 'lost'; readonly loss: Loss }
  /** Nothing follows, for the given reason. */
  | { readonly kind: 'end'; readonly reason: string }

/** The first byte of an entry. */
const codes = { header: 1, code: 2, sent: 3, received: 4, lost: 5, end: 6 } as const

export function encodeFrameEntry(
  kind: 'sent' | 'received',
  head: FrameHead,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const entry = new Uint8Array(1 + headerBytes + payload.length)
  entry[0] = codes[kind]
  entry.set(encodeHeader(head, payload.length), 1)
  entry.set(payload, 1 + headerBytes)
  return entry
}

export function encodeLossEntry(loss: Loss): Uint8Array<ArrayBuffer> {
  return encodeJsonEntry(codes.lost, loss)
}

export function encodeHeaderEntry(header: RecordingHeader): Uint8Array<ArrayBuffer> {
  return encodeJsonEntry(codes.header, header)
}

export function encodeEndEntry(reason: string): Uint8Array<ArrayBuffer> {
  return encodeJsonEntry(codes.end, { reason })
}

export function encodeCodeEntry(code: Uint8Array): Uint8Array<ArrayBuffer> {
  const entry = new Uint8Array(1 + code.length)
  entry[0] = codes.code
  entry.set(code, 1)
  return entry
}

/** Whether the entry says that a batch is settled. */
export function isSettledEntry(entry: Uint8Array): boolean {
  return entry[0] === codes.received && entry[1 + kindOffset] === fromRunner.settled
}

/** Of a frame's header. */
const kindOffset = 4

function encodeJsonEntry(code: number, value: object): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(value))
  const entry = new Uint8Array(1 + json.length)
  entry[0] = code
  entry.set(json, 1)
  return entry
}

/** @throws when the bytes are no entry: the checksum around them held, so something else than a collector wrote them. */
export function decodeEntry(entry: Uint8Array): Entry {
  const rest = entry.subarray(1)
  switch (entry[0]) {
    case codes.header:
      return { kind: 'header', header: parseJson(rest) as RecordingHeader }
    case codes.code:
      return { kind: 'code', code: rest }
    case codes.sent:
      return { kind: 'sent', frame: frameOf(rest) }
    case codes.received:
      return { kind: 'received', frame: frameOf(rest) }
    case codes.lost:
      return { kind: 'lost', loss: parseJson(rest) as Loss }
    case codes.end:
      return { kind: 'end', reason: String((parseJson(rest) as { readonly reason?: unknown }).reason) }
    default:
      throw new Error(`Cannot read the recording: it has an entry of the unknown kind ${entry[0]}`)
  }
}

function frameOf(bytes: Uint8Array): Frame {
  if (bytes.length < headerBytes) throw new Error('Cannot read the recording: a frame ends before its header does')
  // In memory of its own: columns are viewed at their alignment, and a runner's frame may be transferred.
  const payload = new Uint8Array(bytes.subarray(headerBytes))
  return decodeFrame(new DataView(bytes.buffer, bytes.byteOffset, headerBytes), payload)
}

function parseJson(bytes: Uint8Array): unknown {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (typeof value !== 'object' || value === null)
    throw new Error('Cannot read the recording: want an object, found something else')
  return value
}
