import type { JsonSchema } from '@ingot/manifest'
import type { ObjectValue } from '@ingot/syntax'
import { schemaReader } from '../schema.ts'
import { zeroValue } from './zero-value.ts'

/** What a component's exports look like before it runs. @param component the id that its receivers are reached by */
export function staticExports(schema: JsonSchema, component: string): ObjectValue {
  return zeroValue(schemaReader(schema), schema, { component, path: [] }) as ObjectValue
}
