import type { JsonSchema } from '@ingot/manifest'
import type { ArgumentPath } from '../frame.ts'
import type { Decoding } from './decoding.ts'

/** What null means where an argument is required: the empty value of its type. */
export function zeroPlain(decoding: Decoding, schema: JsonSchema, path: ArgumentPath): unknown {
  const { mark, type, alternatives, choices } = decoding.reader.shape(schema)
  if (alternatives.some((each) => decoding.reader.shape(each).type === 'null')) return null
  if (choices) return choices.includes('') ? '' : choices[0]
  switch (mark?.kind) {
    case 'duration':
    case 'size':
      return '0'
    case 'secret':
      decoding.secrets.push(path)
      return ''
    case 'optional_secret':
      return ''
    case 'receivers':
      decoding.outputs.push({ path, receivers: [] })
      return null
  }
  if (type === undefined && alternatives[0]) return zeroPlain(decoding, alternatives[0], path)
  return zeroOfType(type)
}

function zeroOfType(type: string | undefined): unknown {
  switch (type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object':
      return {}
    default:
      return null
  }
}
