/** A finished request as the queue holds it: what its sending needs to know, then the compressed body. */
export interface RequestRecord {
  /** Requests of one epoch hold no series twice and may be sent side by side; epochs are sent one after the other. */
  readonly epoch: number
  readonly createdMs: number
  /** Timestamp of the newest sample: what the age limit looks at. */
  readonly newestMs: number
  readonly samples: number
  readonly exemplars: number
  readonly metadata: number
  readonly body: Uint8Array
}

const magic = 0x31_57_52_49
const headerBytes = 40

export function encodeRecord(record: RequestRecord): Uint8Array {
  const bytes = new Uint8Array(headerBytes + record.body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, record.samples, true)
  view.setUint32(8, record.exemplars, true)
  view.setUint32(12, record.metadata, true)
  view.setFloat64(16, record.createdMs, true)
  view.setFloat64(24, record.newestMs, true)
  view.setFloat64(32, record.epoch, true)
  bytes.set(record.body, headerBytes)
  return bytes
}

/** @throws Error when the bytes are not a record. */
export function decodeRecord(bytes: Uint8Array): RequestRecord {
  if (bytes.length < headerBytes) throw new Error('Cannot read a queued request: it is shorter than its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic) throw new Error('Cannot read a queued request: it does not begin as one')
  return {
    samples: view.getUint32(4, true),
    exemplars: view.getUint32(8, true),
    metadata: view.getUint32(12, true),
    createdMs: view.getFloat64(16, true),
    newestMs: view.getFloat64(24, true),
    epoch: view.getFloat64(32, true),
    body: bytes.subarray(headerBytes),
  }
}
