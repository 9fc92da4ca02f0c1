import {
  type Conversion,
  diagnose,
  type Diagnostic,
  fieldsOf,
  isIdentifier,
  nearest,
  toBool,
  toList,
  toText,
  type Value,
} from '@ingot/syntax'
import type { EvaluatedAttribute, EvaluatedBlock } from '../evaluate/evaluated-block.ts'
import { itemKeys, lacksField } from './item-keys.ts'
import type { ForeachItems } from '../expand/expand.ts'

export interface EvaluatedItems extends ForeachItems {
  /** By key. */
  readonly values: ReadonlyMap<string, Value>
  /** The collection is made from exports that a component has not set yet. */
  readonly provisional: boolean
}

export interface ReadItems {
  /** Absent while an argument has no value, or a wrong one. */
  readonly items: EvaluatedItems | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Texts for messages are cut here. */
const SHOWN_MAX = 40

/** What the arguments of a foreach come to. @param title for messages: `foreach "x"` */
export function readItems(block: EvaluatedBlock, title: string): ReadItems {
  const diagnostics: Diagnostic[] = []
  const written = (name: string) => block.attributes.find((attribute) => attribute.name === name)
  const report = (code: 'wrong-type' | 'invalid-value', at: EvaluatedAttribute, reason: string, advice?: string) => {
    const place = { file: block.file, span: at.expression.span }
    diagnostics.push(diagnose(code, place, `Cannot set "${at.name}" on ${title}: ${reason}`, { advice }))
  }
  const read = <T>(name: string, convert: (value: Value) => Conversion<T>): T | undefined => {
    const at = written(name)
    if (at?.value === undefined) return undefined
    const converted = convert(at.value)
    if (!converted.ok) report('wrong-type', at, converted.reason, converted.advice)
    return converted.ok ? converted.value : undefined
  }
  const collection = read('collection', toList)
  const variable = read('var', toText)
  const field = read('id', toText) ?? ''
  const hash = read('hash_string_id', toBool) ?? false
  read('enable_metrics', toBool)
  if (variable !== undefined && !isIdentifier(variable)) {
    report('invalid-value', written('var')!, `found "${variable}", want a name`, nameAdvice)
  }
  const known = block.attributes.every(({ value }) => value !== undefined)
  if (collection === undefined || variable === undefined || !known || diagnostics.length > 0) {
    return { items: undefined, diagnostics }
  }
  diagnostics.push(...missingFields(block, collection, field, title))
  const keys = itemKeys(collection, { field, hash })
  const values = new Map(keys.map((key, index) => [key, collection[index]!]))
  return { items: { variable, keys, values, provisional: written('collection')!.provisional }, diagnostics }
}

const nameAdvice = 'use letters, digits and underscores, and start with a letter or an underscore'

/** As in Alloy the item as a whole tells it from others then, which is likely not what was meant. */
function missingFields(block: EvaluatedBlock, items: readonly Value[], field: string, title: string): Diagnostic[] {
  const index = items.findIndex((item) => lacksField(item, field))
  if (index === -1) return []
  const names = Object.keys(fieldsOf(items[index]!)!)
  const at = block.attributes.find(({ name }) => name === 'id')!
  const place = { file: block.file, span: at.expression.span }
  const message = `Item ${index} of ${title} has no field "${field.slice(0, SHOWN_MAX)}": the whole item is its id`
  const found = diagnose('missing-field', place, message, { nearest: nearest(field, names) })
  return [{ ...found, severity: 'warning' }]
}
