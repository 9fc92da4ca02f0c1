import { redactedUrl } from '@ingot/kits'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import type { EvaluatedBlock } from '@ingot/graph'
import { valueToJson, type ObjectValue, type ValueJson } from '@ingot/syntax'

/** Statements of a body as Alloy's API gives them (`json_encoding` in its facts). */
export type StatementJson =
  | { readonly name: string; readonly type: 'attr'; readonly value: ValueJson }
  | { readonly name: string; readonly type: 'block'; readonly label?: string; readonly body: readonly StatementJson[] }

const hiddenSecret: ValueJson = { type: 'capsule', value: '(secret)' }

/** Evaluated arguments for people: whatever text the component takes as a secret is hidden wherever it stands. */
export function argumentsJson(block: EvaluatedBlock, frame: ArgumentsFrame | undefined): readonly StatementJson[] {
  const secrets = new Set(
    frame?.secrets.map((path) => String(valueAt(frame.value, path))).filter((text) => text !== ''),
  )
  const convert = ({ attributes, blocks }: EvaluatedBlock): StatementJson[] => [
    ...attributes.flatMap(({ name, value }) =>
      value === undefined ? [] : [{ name, type: 'attr' as const, value: hide(valueToJson(value), secrets) }],
    ),
    ...blocks.map((inner) => ({
      name: inner.name,
      type: 'block' as const,
      ...(inner.label && { label: inner.label.text }),
      body: convert(inner),
    })),
  ]
  return convert(block)
}

export function exportsJson(exports: ObjectValue | undefined): readonly StatementJson[] {
  return Object.entries(exports ?? {}).map(([name, value]) => ({
    name,
    type: 'attr',
    value: hide(valueToJson(value), new Set()),
  }))
}

/** Plain data of a component (its debug info) as a body. */
export function plainJson(value: unknown): readonly StatementJson[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, inner]) => ({ name, type: 'attr', value: plainValueJson(inner) }))
}

function plainValueJson(value: unknown): ValueJson {
  if (value === null || value === undefined) return { type: 'null', value: null }
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'number') return { type: 'number', value }
  if (Array.isArray(value)) return { type: 'array', value: value.map(plainValueJson) }
  if (typeof value === 'object') {
    return {
      type: 'object',
      value: Object.entries(value).map(([key, inner]) => ({ key, value: plainValueJson(inner) })),
    }
  }
  return { type: 'string', value: redactedUrl(String(value)) }
}

function hide(json: ValueJson, secrets: ReadonlySet<string>): ValueJson {
  if (json.type === 'string') {
    const text = json.value as string
    return secrets.has(text) ? hiddenSecret : { ...json, value: redactedUrl(text) }
  }
  if (json.type === 'array')
    return { ...json, value: (json.value as readonly ValueJson[]).map((item) => hide(item, secrets)) }
  if (json.type !== 'object') return json
  const fields = json.value as readonly { readonly key: string; readonly value: ValueJson }[]
  return { ...json, value: fields.map(({ key, value }) => ({ key, value: hide(value, secrets) })) }
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], root)
}
