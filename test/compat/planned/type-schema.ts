import type { JsonSchema } from '@ingot/manifest'
import type { ArgumentFacts } from './reference-facts.ts'

const receiverTypes: Readonly<Record<string, readonly string[]>> = {
  MetricsReceiver: ['prometheus.metrics'],
  LogsReceiver: ['loki.logs'],
  ProfilesReceiver: ['pyroscope.profiles'],
  'otelcol.Consumer': ['otel.metrics', 'otel.logs', 'otel.traces'],
}
/** What an argument that lists consumers sends to them, by its name. */
const signalOf: Readonly<Record<string, readonly string[]>> = {
  metrics: ['otel.metrics'],
  logs: ['otel.logs'],
  traces: ['otel.traces'],
  write_to: ['otel.traces'],
}
const plainTypes: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int: { type: 'integer' },
  uint: { type: 'integer', minimum: 0 },
  float: { type: 'number' },
  number: { type: 'number' },
  any: {},
  duration: { type: 'string', ingot: { kind: 'duration' } },
  secret: { ingot: { kind: 'secret' } },
  'secret or string': { ingot: { kind: 'optional_secret' } },
  RelabelRules: { ingot: { kind: 'capsule', name: 'RelabelRules' } },
}

/** The schema of an argument's values. */
export function argumentSchema(facts: ArgumentFacts): JsonSchema {
  const { name, type, fields } = facts
  const receiver = /^list\((.*)\)$/.exec(type)?.[1]
  const carried = receiver === undefined ? undefined : receiverTypes[receiver]
  if (carried) return { ingot: { kind: 'receivers', types: signalsOf(name, receiver!) ?? carried } }
  if (fields) {
    const object = objectSchema(fields)
    return type === 'object' ? object : { type: 'array', items: object }
  }
  return isSize(facts) ? { type: 'string', ingot: { kind: 'size' } } : typeSchema(type)
}

/** The schema of an export: receivers are what it receives. */
export function exportSchema(type: string): JsonSchema {
  const carried = receiverTypes[type]
  return carried ? { ingot: { kind: 'receiver', types: carried } } : typeSchema(type)
}

function signalsOf(argument: string, receiver: string): readonly string[] | undefined {
  return receiver === 'otelcol.Consumer' ? signalOf[argument] : undefined
}

/** Unknown fields are mistakes; that a required one is missing, Alloy does not check. */
function objectSchema(fields: readonly ArgumentFacts[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, argumentSchema(field)])),
    additionalProperties: false,
  }
}

function typeSchema(type: string): JsonSchema {
  const plain = plainTypes[type]
  if (plain) return plain
  if (type === 'list(map(string))') return { type: 'array', ingot: { kind: 'targets' } }
  const [, outer, inner] = /^(list|map|capsule)\((.*)\)$/.exec(type) ?? []
  if (outer === 'list') return { type: 'array', items: typeSchema(inner!) }
  if (outer === 'map') return { type: 'object', additionalProperties: typeSchema(inner!) }
  if (outer === 'capsule') return { ingot: { kind: 'capsule', name: inner } }
  throw new Error(`Cannot compile type "${type}": no schema is known for it`)
}

/** The reference calls sizes strings; their defaults show them. */
function isSize({ type, default: value }: ArgumentFacts): boolean {
  return type === 'string' && value !== null && /^"\d+(\.\d+)?[KMGT]i?B"$/.test(value)
}
