/**
 * The functions of the runner that the driver is handed. They live in the driver's closure only: module code never
 * sees one. All arguments and results are copies.
 */
export interface Bridge {
  /** Sends a frame to the lane. The result is an error code of a capability, or an empty text. */
  readonly post: (
    kind: number,
    flag: number,
    index: number,
    id: number,
    owner: number,
    payload: string | ArrayBuffer | undefined,
  ) => string
  /** Sends a call and waits for its answer: an error code, or the encoded value. */
  readonly callSync: (id: number, owner: number, payload: ArrayBuffer) => string | ArrayBuffer
  readonly decodeText: (bytes: ArrayBuffer) => string
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

/** An ArrayBuffer that holds exactly these bytes: a copy unless they are alone in theirs. */
export function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return (whole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer
}
