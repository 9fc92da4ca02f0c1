/**
 * `google.rpc.RetryInfo` inside the `google.rpc.Status` of the trailer `grpc-status-details-bin`:
 * `Status { code = 1, message = 2, details = 3: Any { type_url = 1, value = 2: RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } } } }`.
 */
const typeUrl = 'type.googleapis.com/google.rpc.RetryInfo'
/** Fields that are looked at in one message: a trailer holds a few. */
const fieldsMax = 1000

/** Milliseconds, or `undefined` when there is no readable RetryInfo. `text` is base64, padded or not. */
export function parseRetryInfo(text: string): number | undefined {
  const status = Buffer.from(text.split(',')[0] ?? '', 'base64')
  for (const detail of fields(status, 3)) {
    const [url] = fields(detail, 1)
    const [value] = fields(detail, 2)
    if (url?.toString('utf8').endsWith('/google.rpc.RetryInfo') !== true || !value) continue
    const [delay] = fields(value, 1)
    if (!delay) return 0
    const ms = number(delay, 1) * 1000 + number(delay, 2) / 1e6
    return Number.isFinite(ms) && ms >= 0 ? ms : undefined
  }
  return undefined
}

/** The trailer's value for a status with RetryInfo. */
export function formatRetryInfo(code: number, message: string, retryAfterMs: number): string {
  const seconds = Math.floor(retryAfterMs / 1000)
  const nanos = Math.round((retryAfterMs - seconds * 1000) * 1e6)
  const duration = Buffer.concat([varintField(1, seconds), varintField(2, nanos)])
  const any = Buffer.concat([bytesField(1, Buffer.from(typeUrl)), bytesField(2, bytesField(1, duration))])
  const status = Buffer.concat([varintField(1, code), bytesField(2, Buffer.from(message)), bytesField(3, any)])
  return status.toString('base64').replaceAll('=', '')
}

/** Length-delimited fields of one number. Malformed bytes end the list. */
function fields(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = []
  for (const [number, value] of entries(message)) if (number === wanted && typeof value !== 'number') found.push(value)
  return found
}

function number(message: Buffer, wanted: number): number {
  for (const [field, value] of entries(message)) if (field === wanted && typeof value === 'number') return value
  return 0
}

function* entries(message: Buffer): Generator<[number, Buffer | number]> {
  let at = 0
  for (let i = 0; i < fieldsMax && at < message.length; i++) {
    const key = varint(message, at)
    if (!key) return
    at = key.end
    const type = key.value & 7
    const field = Math.floor(key.value / 8)
    if (type === 1 || type === 5) {
      at += type === 1 ? 8 : 4
      continue
    }
    const value = type === 0 || type === 2 ? varint(message, at) : undefined
    if (!value) return
    at = value.end
    if (type === 0) yield [field, value.value]
    else {
      if (at + value.value > message.length) return
      yield [field, message.subarray(at, at + value.value)]
      at += value.value
    }
  }
}

/** As a double: exact for all values that are not negative and below 2^53, and a negative number becomes a huge one. */
function varint(bytes: Buffer, from: number): { value: number; end: number } | undefined {
  let value = 0
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, end: from + i + 1 }
  }
  return undefined
}

function varintField(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([encodeVarint(field * 8), encodeVarint(value)])
}

function bytesField(field: number, value: Buffer): Buffer {
  return Buffer.concat([encodeVarint(field * 8 + 2), encodeVarint(value.length), value])
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  while (left >= 0x80) {
    bytes.push((left % 0x80) + 0x80)
    left = Math.floor(left / 0x80)
  }
  bytes.push(left)
  return Buffer.from(bytes)
}
