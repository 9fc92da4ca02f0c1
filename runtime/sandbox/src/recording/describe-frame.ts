import { decodeFrame as decodeBatch } from '@ingot/telemetry'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import { decodeValue } from '../protocol/value.ts'
import { describeBatch } from './describe-batch.ts'

/** A frame as people read it. */
export interface DescribedFrame {
  /** `emit`, `call`, `settled`, … */
  readonly what: string
  /** The delivery that it belongs to: 0 for none. */
  readonly batch: number
  /** Number of the call, of its answer, or of the question. */
  readonly id: number
  readonly content: unknown
}

const names = new Map<number, string>(
  [...Object.entries(toRunner), ...Object.entries(fromRunner)].map(([name, kind]) => [kind, name]),
)
const utf8 = new TextDecoder()

export function describeFrame(frame: Frame): DescribedFrame {
  return { what: nameOf(frame), batch: frame.owner, id: frame.id, content: contentOf(frame) }
}

export function nameOf({ kind }: Frame): string {
  return names.get(kind) ?? `frame of the unknown kind ${kind}`
}

/** What cannot be read is shown as bytes: a module may say anything. */
function contentOf(frame: Frame): unknown {
  try {
    return read(frame)
  } catch (error) {
    return { unreadable: (error as Error).message, bytes: Buffer.from(frame.payload).toString('base64') }
  }
}

function read({ kind, payload }: Frame): unknown {
  if (payload.length === 0) return undefined
  switch (kind) {
    case toRunner.deliver:
    case fromRunner.emit:
      return describeBatch(decodeBatch(payload))
    case toRunner.port:
      return utf8.decode(payload)
    case toRunner.load:
    case toRunner.start:
    case toRunner.update:
    case fromRunner.settled:
    case fromRunner.log:
    case fromRunner.ledger:
    case fromRunner.metric:
      return JSON.parse(utf8.decode(payload)) as unknown
    default:
      return plain(decodeValue(payload, (mark) => `<${mark.kind} ${'name' in mark ? mark.name : mark.id}>`))
  }
}

/** Bytes as text where they are text. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    const text = utf8.decode(value)
    return text.includes('\ufffd') ? { base64: Buffer.from(value).toString('base64') } : text
  }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
