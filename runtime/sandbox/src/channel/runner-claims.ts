/**
 * Reads the small messages of a runner. Everything in them is a claim of untrusted code: only known keys are taken,
 * texts are cut, numbers are checked. What throws here is a violation of the protocol.
 */
import { Secret, type Outcome } from '@ingot/sdk'
import type { Limits } from '../limits.ts'
import { labelName, metricName, type LedgerMessage, type LogMessage, type MetricMessage } from '../protocol/messages.ts'
import { decodeValue, type Mark } from '../protocol/value.ts'

const messageBytesMax = 64 * 1024
/** Of a log line; its name and value may be as long as the line. */
const fieldsMax = 32
const reasonsMax = 64
const labelsMax = 32
const labelTextMax = 200
const bucketsMax = 64
const levels = ['debug', 'info', 'warn', 'error'] as const
const utf8 = new TextDecoder()

type Claims = Readonly<Record<string, unknown>>

export function readOutcome(payload: Uint8Array, limits: Limits): Outcome {
  const { status, reason, retryAfterMs } = readJson(payload)
  const why = typeof reason === 'string' ? reason.slice(0, limits.errorTextBytesMax) : 'unknown'
  switch (status) {
    case 'delivered':
      return { status }
    case 'dropped':
      return { status, reason: why }
    case 'refused':
      return typeof retryAfterMs === 'number' && retryAfterMs >= 0
        ? { status, reason: why, retryAfterMs }
        : { status, reason: why }
    default:
      // What a component returns is its own affair; that it returned no outcome is an error of it.
      return { status: 'dropped', reason: 'no_outcome' }
  }
}

export function readLedger(payload: Uint8Array): LedgerMessage {
  const claims = readJson(payload)
  const counts: Record<string, unknown> = {}
  for (const name of ['created', 'sent', 'merged', 'quarantined', 'queued']) {
    if (claims[name] !== undefined) counts[name] = readCount(claims[name])
  }
  if (claims['dropped'] === undefined) return counts
  const reasons = Object.entries(claims['dropped'] as Claims).slice(0, reasonsMax)
  counts['dropped'] = Object.fromEntries(reasons.map(([reason, records]) => [reason.slice(0, 64), readCount(records)]))
  return counts
}

export function readLog(payload: Uint8Array, limits: Limits): LogMessage {
  const { level, message, fields, suppressed } = readJson(payload)
  const known = levels.find((name) => name === level) ?? 'info'
  const line = { level: known, message: String(message).slice(0, limits.logLineBytesMax) }
  return {
    ...line,
    ...(typeof fields === 'object' && fields !== null && { fields: readFields(fields, limits.logLineBytesMax) }),
    ...(typeof suppressed === 'number' && { suppressed }),
  }
}

/** What the collector's own log says of each line. */
const reservedFields = new Set(['ts', 'level', 'msg', 'component_id', '__proto__'])

/** Flat values under names that cannot pass for what the collector itself says, or for another line. */
function readFields(fields: object, textMax: number): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(fields).slice(0, fieldsMax)) {
    const safe = name.slice(0, labelTextMax).replace(/[^\w.-]/g, '_')
    const plain = typeof value === 'number' || typeof value === 'boolean'
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
    flat[reservedFields.has(safe) ? `field.${safe}` : safe] = plain ? value : text.slice(0, textMax)
  }
  return flat
}

export function readMetric(payload: Uint8Array): MetricMessage {
  const { kind, name, help, labels, buckets, value } = readJson(payload)
  if (kind !== 'counter' && kind !== 'gauge' && kind !== 'gaugeAdd' && kind !== 'histogram')
    throw new Error('it sent a metric of an unknown kind')
  if (typeof name !== 'string' || !metricName.test(name)) throw new Error('it sent a metric without a valid name')
  const pairs = typeof labels === 'object' && labels !== null ? Object.entries(labels).slice(0, labelsMax) : []
  if (!pairs.every(([label]) => labelName.test(label))) throw new Error('it sent a metric with a malformed label')
  return {
    kind,
    name,
    help: String(help).slice(0, 500),
    value: Number(value),
    ...(pairs.length > 0 && {
      labels: Object.fromEntries(pairs.map(([label, text]) => [label, String(text).slice(0, labelTextMax)])),
    }),
    ...(Array.isArray(buckets) && { buckets: readBuckets(buckets) }),
  }
}

function readBuckets(buckets: readonly unknown[]): number[] {
  const bounds = buckets.slice(0, bucketsMax).filter((bound): bound is number => Number.isFinite(bound))
  return [...new Set(bounds)].sort((a, b) => a - b)
}

export function readExports(
  payload: Uint8Array,
  limits: Limits,
  secretText: (name: string) => string,
): Record<string, unknown> {
  if (payload.length > limits.exportsBytesMax) throw new Error(`it exports ${payload.length} bytes`)
  const unmark = (mark: Mark): Secret => {
    if (mark.kind !== 'secret') throw new Error(`it exports a ${mark.kind}`)
    return new Secret(secretText(mark.name))
  }
  const exports = decodeValue(payload, unmark, limits.valuesMax)
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports))
    throw new Error('its exports are not an object')
  return exports as Record<string, unknown>
}

export function readHealth(payload: Uint8Array, limits: Limits): ['healthy' | 'unhealthy', string] {
  checkLength(payload)
  const [state, message] = decodeValue(payload) as readonly unknown[]
  return [state === 'healthy' ? 'healthy' : 'unhealthy', String(message).slice(0, limits.errorTextBytesMax)]
}

/** Why `run` ended; `undefined` when it returned. */
export function readExit(payload: Uint8Array, limits: Limits): Error | undefined {
  checkLength(payload)
  const { error, stack } = decodeValue(payload) as Claims
  if (typeof error !== 'string') return undefined
  const found = new Error(error.slice(0, limits.errorTextBytesMax))
  // Never the lane's own: it says nothing about the module.
  found.stack = typeof stack === 'string' ? stack.slice(0, limits.errorStackBytesMax) : ''
  return found
}

function checkLength(payload: Uint8Array): void {
  if (payload.length > messageBytesMax)
    throw new Error(`it sent a message of ${payload.length} bytes, at most ${messageBytesMax} are allowed`)
}

function readJson(payload: Uint8Array): Claims {
  checkLength(payload)
  const value: unknown = JSON.parse(utf8.decode(payload))
  if (typeof value !== 'object' || value === null) throw new Error('it sent a message that is not an object')
  return value as Claims
}

function readCount(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new Error('it counted something that is not a number of records')
  return value as number
}
