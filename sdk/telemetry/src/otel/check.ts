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

// Of the walk: the messages that are open, and where each ends. One walk runs at a time.
const openMessages = new Uint8Array(depthMax)
const openEnds = new Uint32Array(depthMax)

/**
 * Checks the framing of an OTLP request down to the last attribute value (tags, wire types, lengths of ids, nesting) and
 * returns how many spans, log records or data points it holds. A request that passes can be merged with others without
 * making those unreadable. Texts are not checked to be UTF-8.
 * @throws OtelFormatError with the place and what was found.
 */
export function checkOtelRequest(bytes: Uint8Array, signal: OtelSignal): number {
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
    switch (wire) {
      case wireType.bytes: {
        let length = bytes[position]!
        if (length < 0x80) position++
        else {
          length = readVarint32(bytes, position, end, message)
          position = varintEnd
        }
        // `!(a <= b)` also catches a length byte beyond the end of `bytes`, which reads as undefined.
        if (!(position + length <= end)) {
          throw broken(message, number, at, `a length of ${length}`, `at most ${end - position} bytes`)
        }
        if (entry >>> messageShift !== 0) {
          if (depth === depthMax) throw broken(message, number, at, 'deeper nesting', `at most ${depthMax} levels`)
          count += (entry & record) >>> 5
          openMessages[depth] = message
          openEnds[depth] = end
          depth++
          message = (entry >>> messageShift) - 1
          end = position + length
          continue
        }
        if (entry & (traceId | spanId) && length !== 0 && length !== (entry & traceId ? 16 : 8)) {
          throw broken(message, number, at, `an id of ${length} bytes`, entry & traceId ? '16' : '8')
        }
        if (entry & packable) checkPacked(bytes, position, position + length, entry & 7, message, number)
        position += length
        break
      }
      case wireType.varint: {
        const stop = Math.min(position + 10, end)
        while (position < stop && bytes[position]! >= 0x80) position++
        if (position === stop) throw broken(message, number, at, 'a varint that does not end', 'at most 10 bytes')
        position++
        break
      }
      case wireType.fixed64:
        position += 8
        break
      case wireType.fixed32:
        position += 4
        break
      default:
        throw broken(message, number, at, `wire type ${wire}`, 'one of 0, 1, 2 and 5')
    }
    if (position > end) throw broken(message, number, at, 'a number that is cut off', 'all of its bytes')
    if (entry !== 0 && (entry & 7) !== wire && !(entry & packable && wire === wireType.bytes)) {
      throw broken(message, number, at, `wire type ${wire}`, `wire type ${entry & 7}`)
    }
  }
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
