import type { JsonSchema } from '../module-manifest.ts'

const depthMax = 6
const optionsMax = 12

/** Texts with a grammar of their own. */
const formats: Readonly<Record<string, string>> = {
  regexp: 'regexp',
  url: 'URL',
  http_url: 'http or https URL',
  label_name: 'label name',
  utf8_label_name: 'label name',
  time_layout: 'time layout',
  time_zone: 'time zone',
  jmespath: 'JMESPath',
  selector: 'LogQL selector',
  go_template: 'Go template',
}

/** A schema's type in the words of the configuration language: `string`, `list(duration)`, `one of "a", "b"`. */
export function typeText(schema: JsonSchema, depth = 0): string {
  if (depth > depthMax) return 'any'
  const mark = schema['ingot'] as { kind?: unknown; types?: unknown; name?: unknown } | undefined
  if (typeof mark?.kind === 'string') return markText(mark.kind, mark.types, mark.name)
  if (Array.isArray(schema['enum'])) return choice(schema['enum'])
  if ('const' in schema) return JSON.stringify(schema['const'])
  if (Array.isArray(schema['anyOf'])) return union(schema['anyOf'] as JsonSchema[], depth)
  return plainText(schema, depth)
}

function markText(kind: string, types: unknown, name: unknown): string {
  const carried = Array.isArray(types) ? types.join(' or ') : ''
  if (kind === 'receivers') return `list(receiver of ${carried})`
  if (kind === 'receiver') return `receiver of ${carried}`
  if (kind === 'targets') return 'list(map(string))'
  if (kind === 'capsule') return `capsule(${String(name)})`
  if (kind === 'optional_secret') return 'string or secret'
  const format = formats[kind]
  if (format !== undefined) return `string (${format})`
  return kind
}

function plainText(schema: JsonSchema, depth: number): string {
  const { type, items, additionalProperties: values } = schema
  if (type === 'array') return `list(${isSchema(items) ? typeText(items, depth + 1) : 'any'})`
  if (type === 'object') return isSchema(values) ? `map(${typeText(values, depth + 1)})` : 'object'
  if (type === 'boolean') return 'bool'
  if (type === 'integer') return 'number'
  return typeof type === 'string' ? type : 'any'
}

function union(options: readonly JsonSchema[], depth: number): string {
  const texts = new Set(options.filter(isSchema).map((option) => typeText(option, depth + 1)))
  return [...texts].slice(0, optionsMax).join(' or ')
}

function choice(values: readonly unknown[]): string {
  const shown = values.slice(0, optionsMax).map((value) => JSON.stringify(value))
  return `one of ${shown.join(', ')}${values.length > optionsMax ? ', …' : ''}`
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
