/**
 * The functions of the runner that the driver is handed. They live in the driver's closure only: module code never
 * sees one. All arguments and results are copies.
 */
export interface Bridge {
  /**
   * Sends a frame to the lane: its payload, and behind it the bytes `from…to` of `tail`. The result is an error code of a
   * capability, or an empty text.
   */
  readonly post: (
    kind: number,
    flag: number,
    index: number,
    id: number,
    owner: number,
    payload: string | ArrayBuffer | undefined,
    tail?: ArrayBuffer,
    from?: number,
    to?: number,
  ) => string
  /** Sends a call and waits for its answer: an error code, or the encoded value. */
  readonly callSync: (id: number, owner: number, payload: ArrayBuffer) => string | ArrayBuffer
  readonly decodeText: (bytes: ArrayBuffer, from: number, to: number) => string
  readonly encodeText: (text: string) => ArrayBuffer
  /** A compression kernel: an error code, or the result. */
  readonly kernel: (operation: string, bytes: ArrayBuffer, bytesMax: number) => string | ArrayBuffer
  readonly now: () => number
  readonly monotonic: () => number
  readonly random: () => number
  /** The parts of an address as JSON, after one of them was set; an empty text when it is none. */
  readonly parseUrl: (text: string, base?: string, part?: string, value?: string) => string
}

/** In place of a frame's kind: the module's code is about to be evaluated, its digest is the payload. */
export const beforeCode = 0

/**
 * Runs one turn: what the lane sent, as the frame's fields. `nowMs` is the time that the module sees during the turn;
 * `definition` is given with `load` only.
 */
export type Enter = (
  kind: number,
  flag: number,
  index: number,
  id: number,
  owner: number,
  payload: ArrayBuffer | string | undefined,
  nowMs: number,
  definition?: unknown,
) => void

/** Bytes as they cross: whole buffers, and where in them. */
export interface Crossing {
  readonly buffer: ArrayBuffer
  readonly from: number
  readonly to: number
}

/** The buffer goes as it is where the bytes are most of it: it is copied on its way, and once is enough. */
export function crossing(bytes: Uint8Array): Crossing {
  const { buffer, byteOffset: from, byteLength } = bytes
  if (byteLength * 2 < buffer.byteLength)
    return { buffer: bytes.slice().buffer as ArrayBuffer, from: 0, to: byteLength }
  return { buffer: buffer as ArrayBuffer, from, to: from + byteLength }
}

/** An ArrayBuffer that holds exactly these bytes: a copy unless they are alone in theirs. */
export function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return (whole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer
}
