import { Capsule, makeOptionalSecret, makeSecret, type Value } from '@ingot/syntax'
import type { JsonSchema } from '@ingot/manifest'
import type { CapsuleData, PortType, ReceiverReference } from '../frame.ts'
import type { SchemaReader } from '../schema.ts'

/** A schema may contain itself; what is deeper is null. */
const DEPTH_MAX = 32

/** Which component exports, and under which name. */
export interface ExportPlace {
  readonly component: string
  /** From the exports' root. */
  readonly path: readonly string[]
}

/** What an export is before its component has set it: a receiver, which is always there, or the type's empty value. */
export function zeroValue(reader: SchemaReader, schema: JsonSchema, at: ExportPlace): Value {
  if (at.path.length > DEPTH_MAX) return null
  const { mark, type, properties, alternatives } = reader.shape(schema)
  switch (mark?.kind) {
    case 'receiver':
      return receiverValue(mark.types ?? [], at)
    case 'secret':
      return makeSecret('')
    case 'optional_secret':
      return makeOptionalSecret('', false)
    case 'capsule':
      return new Capsule(mark.name ?? '', { plain: null, secrets: [] } satisfies CapsuleData)
    case 'duration':
      return '0s'
  }
  if (alternatives.length > 0) {
    const first = alternatives.find((each) => reader.shape(each).type !== 'null')
    return alternatives.length > 1 && first && !isNullable(reader, alternatives) ? zeroValue(reader, first, at) : null
  }
  switch (type) {
    case 'string':
      return ''
    case 'integer':
      return 0n
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object': {
      const object = Object.create(null) as Record<string, Value>
      for (const [name, inner] of properties) {
        object[name] = zeroValue(reader, inner, { ...at, path: [...at.path, name] })
      }
      return object
    }
    default:
      return null
  }
}

export function receiverValue(types: readonly string[], { component, path }: ExportPlace): Capsule {
  const port = path.join('.')
  return new Capsule('receiver', { component, port, types: types as readonly PortType[] } satisfies ReceiverReference)
}

function isNullable(reader: SchemaReader, alternatives: readonly JsonSchema[]): boolean {
  return alternatives.some((each) => reader.shape(each).type === 'null')
}
