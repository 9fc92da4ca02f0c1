import { wireType } from '../protobuf/protobuf-writer.ts'
import type { OtelSignal } from './batch.ts'
import { OtelFormatError } from './otel-format-error.ts'
import { idLength, isMessage, messageNames, messages, recordFields, requestMessage, wireTypeOf } from './schema.ts'

/** Messages inside messages: values nest (`AnyValue`), and other readers stop at 100 levels. */
const depthMax = 100
/** Field numbers of OTLP stay below it; higher ones are unknown fields. */
const fieldsMax = 32

/**
 * What is known of field `n` of message `m`, at `m * fieldsMax + n`: 0 for an unknown field, else `known` + the wire
 * type + flags, and the number of the message that its value is, plus one, in the high byte.
 */
const plan = new Uint16Array(messageNames.length * fieldsMax)
const known = 0x08
const packable = 0x10
const record = 0x20
const traceId = 0x40
const spanId = 0x80
const messageShift = 8

for (const [message, name] of messageNames.entries()) {
  for (const field of messages[name]) {
    const wire = wireTypeOf(field.type)
    const child = isMessage(field.type) ? messageNames.indexOf(field.type) + 1 : 0
    const packs = field.repeated && wire !== wireType.bytes
    const counts = recordFields[name] === field.number
    const id = field.type === 'id' ? (idLength(field.name) === 16 ? traceId : spanId) : 0
    plan[message * fieldsMax + field.number] =
      known | wire | id | (packs ? packable : 0) | (counts ? record : 0) | (child << messageShift)
  }
}

/** What `plan` has for fields whose messages are attributes. */
const keyValue = messageNames.indexOf('KeyValue') + 1

// Of the walk: the messages that are open, and where each ends. One walk runs at a time.
const openMessages = new Uint8Array(depthMax)
const openEnds = new Uint32Array(depthMax)

/**
 * Checks the framing of an OTLP request down to the last attribute value (tags, wire types, lengths of ids, nesting) and
 * returns how many spans, log records or data points it holds. A request that passes can be merged with others without
 * making those unreadable. Texts are not checked to be UTF-8.
 * @throws OtelFormatError with the place and what was found.
 */
export function checkOtelRequest(request: Uint8Array, signal: OtelSignal): number {
  // A view of one class: the loop is compiled for it, and requests come as views of several.
  const bytes = new Uint8Array(request.buffer, request.byteOffset, request.length)
  let depth = 0
  let message = messageNames.indexOf(requestMessage[signal])
  let end = bytes.length
  let position = 0
  let count = 0
  for (;;) {
    while (position === end) {
      if (depth === 0) return count
      depth--
      message = openMessages[depth]!
      end = openEnds[depth]!
    }
    const at = position
    let tag = bytes[position++]!
    if (tag >= 0x80) {
      tag = readVarint32(bytes, at, end, message)
      position = varintEnd
    }
    const wire = tag & 7
    const number = tag >>> 3
    const entry = number < fieldsMax ? plan[message * fieldsMax + number]! : 0
    if (number === 0) throw broken(message, number, at, 'field number 0', 'a field')
    if (entry !== 0 && (entry & 7) !== wire && !(entry & packable && wire === wireType.bytes)) {
      throw broken(message, number, at, `wire type ${wire}`, `wire type ${entry & 7}`)
    }
    if (wire !== wireType.bytes) {
      position = endOfNumber(bytes, position, end, wire, message, number)
      continue
    }
    let length = position < end ? bytes[position++]! : 0x80
    if (length >= 0x80) {
      length = readVarint32(bytes, position - 1, end, message)
      position = varintEnd
    }
    const child = entry >>> messageShift
    if (length > end - position) {
      throw broken(message, number, at, `a length of ${length}`, `at most ${end - position} bytes`)
    }
    if (child === 0) {
      checkLeaf(bytes, position, length, entry, message, number)
      position += length
    } else if (child === keyValue && isPlainKeyValue(bytes, position, position + length)) {
      position += length
    } else {
      if (depth === depthMax) throw broken(message, number, at, 'deeper nesting', `at most ${depthMax} levels`)
      count += (entry & record) >>> 5
      openMessages[depth] = message
      openEnds[depth] = end
      depth++
      message = child - 1
      end = position + length
    }
  }
}

/**
 * Recognizes attributes as nearly all senders write them: a key and one text, integer, bool or double, all of it short.
 * They are most of what is in a request; false only means that the loop has to look.
 */
function isPlainKeyValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6 || bytes[start] !== 0x0a) return false
  const keyLength = bytes[start + 1]!
  const value = start + 2 + keyLength
  const inner = end - value - 2
  if (keyLength >= 0x80 || inner < 2 || inner >= 0x80) return false
  if (bytes[value] !== 0x12 || bytes[value + 1] !== inner) return false
  const size = inner - 2
  switch (bytes[value + 2]) {
    case 0x0a:
      return bytes[value + 3] === size
    case 0x10:
      return size === 0 && bytes[value + 3]! < 0x80
    case 0x18: {
      let last = value + 3
      while (last < end - 1 && bytes[last]! >= 0x80) last++
      return last === end - 1 && bytes[last]! < 0x80 && size < 10
    }
    case 0x21:
      return size === 7
    default:
      return false
  }
}

/** Where a varint or fixed number ends. */
function endOfNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  wire: number,
  message: number,
  number: number,
): number {
  if (wire === wireType.varint) {
    const stop = Math.min(start + 10, end)
    for (let i = start; i < stop; i++) if (bytes[i]! < 0x80) return i + 1
    throw broken(message, number, start, 'a varint that does not end', 'at most 10 bytes')
  }
  const size = wire === wireType.fixed64 ? 8 : wire === wireType.fixed32 ? 4 : 0
  if (size === 0) throw broken(message, number, start, `wire type ${wire}`, 'one of 0, 1, 2 and 5')
  if (size > end - start) throw broken(message, number, start, 'a number that is cut off', `${size} bytes`)
  return start + size
}

/** Texts and bytes are what they are, ids have their lengths, and packed numbers come out even. */
function checkLeaf(
  bytes: Uint8Array,
  start: number,
  length: number,
  entry: number,
  message: number,
  number: number,
): void {
  if (entry & (traceId | spanId) && length !== 0 && length !== (entry & traceId ? 16 : 8)) {
    throw broken(message, number, start, `an id of ${length} bytes`, entry & traceId ? '16' : '8')
  }
  if (entry & packable) checkPacked(bytes, start, start + length, entry & 7, message, number)
}

let varintEnd = 0

/** A varint of up to 32 bits; leaves its end in `varintEnd`. */
function readVarint32(bytes: Uint8Array, start: number, end: number, message: number): number {
  let value = 0
  for (let i = 0; i < 5 && start + i < end; i++) {
    const byte = bytes[start + i]!
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) {
      varintEnd = start + i + 1
      return value >>> 0
    }
  }
  throw broken(message, 0, start, 'a tag or length that does not end', 'at most 5 bytes')
}

function checkPacked(
  bytes: Uint8Array,
  start: number,
  end: number,
  wire: number,
  message: number,
  number: number,
): void {
  if (wire !== wireType.varint) {
    const size = wire === wireType.fixed64 ? 8 : 4
    if ((end - start) % size !== 0) {
      throw broken(message, number, start, `${end - start} packed bytes`, `a multiple of ${size}`)
    }
    return
  }
  let run = 0
  for (let i = start; i < end; i++) {
    run = bytes[i]! < 0x80 ? 0 : run + 1
    if (run === 10) throw broken(message, number, i, 'a varint that does not end', 'at most 10 bytes')
  }
  if (run > 0) throw broken(message, number, start, 'a varint that is cut off', 'all of its bytes')
}

function broken(message: number, number: number, at: number, found: string, want: string): OtelFormatError {
  const name = messageNames[message]!
  const field = messages[name].find((each) => each.number === number)
  const place = field ? `${name}.${field.name}` : number > 0 ? `field ${number} of ${name}` : name
  return new OtelFormatError(`Cannot read OTLP request: ${place} at byte ${at}: found ${found}, want ${want}`)
}
