import { Secret, type ComponentDefinition } from '@ingot/sdk'
import type { ArgumentPath, ArgumentsFrame, OutputBinding } from '@ingot/sdk/host'
import type { PortType } from '@ingot/telemetry'
import { z } from 'zod'

/** Schemas nested deeper than this are not looked into. */
const depthMax = 32

type Schema = Readonly<Record<string, unknown>>

/** Stands in plain arguments where receivers go, under a name of the test's choice. */
export interface OutputMark {
  readonly testOutput: string
}

/** Marks an argument of kind `receivers`, so that what is emitted there is found under `outputs[name]`. */
export function output(name: string): OutputMark {
  return { testOutput: name }
}

/** The JSON Schema of a component's arguments, with the marks of Ingot's kinds: what packing puts into the manifest. */
export function argumentsSchema(definition: ComponentDefinition): Schema {
  return z.toJSONSchema(definition.arguments, { io: 'input', unrepresentable: 'any' }) as Schema
}

/**
 * Plain arguments as a room would hand them over. Every argument of kind `receivers` whose block is there is connected;
 * an empty list leaves it without receivers, as in a configuration.
 */
export function argumentsFrame(definition: ComponentDefinition, args: unknown): ArgumentsFrame {
  const schema = argumentsSchema(definition)
  const value = plainCopy(args)
  const outputs: OutputBinding[] = []
  const secrets: ArgumentPath[] = []
  takeSecrets(value, [], secrets, (set) => set)
  connect(value, schema, schema, [], outputs)
  return { value, outputs, secrets }
}

/** The name under which a binding's output is found. */
export function outputName(binding: OutputBinding): string {
  return binding.receivers[0]?.component ?? binding.path.join('.')
}

function connect(value: unknown, schema: Schema, root: Schema, path: ArgumentPath, into: OutputBinding[]): void {
  if (path.length > depthMax || typeof value !== 'object' || value === null) return
  for (const node of branches(schema, root, value)) {
    const { properties, items } = node as { properties?: Readonly<Record<string, Schema>>; items?: Schema }
    if (Array.isArray(value)) {
      if (items) value.forEach((item, index) => connect(item, items, root, [...path, index], into))
      continue
    }
    const record = value as Record<string, unknown>
    for (const [name, child] of Object.entries(properties ?? {})) {
      const types = receiverTypes(child, root)
      if (types) bind(record, name, types, [...path, name], into)
      else connect(record[name], child, root, [...path, name], into)
    }
  }
}

function bind(
  record: Record<string, unknown>,
  name: string,
  types: readonly PortType[],
  path: ArgumentPath,
  into: OutputBinding[],
): void {
  if (into.some((binding) => binding.path.join('.') === path.join('.'))) return
  const given = record[name]
  const marks = (Array.isArray(given) ? given : [given]) as (OutputMark | undefined)[]
  const names = marks.map((mark) => mark?.testOutput ?? path.join('.'))
  record[name] = null
  into.push({ path, receivers: names.map((component) => ({ component, port: 'receiver', types })) })
}

function receiverTypes(schema: Schema, root: Schema): readonly PortType[] | undefined {
  for (const node of branches(schema, root, undefined)) {
    const { ingot } = node as { ingot?: { kind?: string; types?: readonly PortType[] } }
    if (ingot?.kind === 'receivers') return ingot.types ?? []
  }
  return undefined
}

/** The schema itself and the alternatives that a value may fit: those whose literal `name` is another are left out. */
function branches(schema: Schema, root: Schema, value: unknown, depth = 0): Schema[] {
  if (depth > depthMax) return []
  const { anyOf, oneOf, allOf, $ref } = schema as {
    anyOf?: Schema[]
    oneOf?: Schema[]
    allOf?: Schema[]
    $ref?: string
  }
  const more = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])].filter((branch) => fitsName(branch, value))
  if ($ref === '#') more.push(root)
  else if ($ref?.startsWith('#/$defs/'))
    more.push((root['$defs'] as Record<string, Schema>)[$ref.slice('#/$defs/'.length)] ?? {})
  return [schema, ...more.flatMap((branch) => branches(branch, root, value, depth + 1))]
}

function fitsName(branch: Schema, value: unknown): boolean {
  const wanted = (branch as { properties?: { name?: { const?: unknown } } }).properties?.name?.const
  return (
    wanted === undefined || typeof value !== 'object' || value === null || (value as { name?: unknown }).name === wanted
  )
}

function takeSecrets(value: unknown, path: ArgumentPath, into: ArgumentPath[], replace: (text: string) => void): void {
  if (value instanceof Secret) {
    into.push(path)
    replace(value.reveal())
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      const name = Array.isArray(value) ? Number(key) : key
      takeSecrets(child, [...path, name], into, (text) => {
        ;(value as Record<string | number, unknown>)[name] = text
      })
    }
  }
}

/** A copy down to the secrets, which stay what they are. */
function plainCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  if (Array.isArray(value)) return value.map(plainCopy)
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plainCopy(child)]))
}
