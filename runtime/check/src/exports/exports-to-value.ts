import type { JsonSchema } from '@ingot/manifest'
import { Capsule, makeOptionalSecret, makeSecret, type ObjectValue, type Value } from '@ingot/syntax'
import type { ArgumentPath, CapsuleData } from '../frame.ts'
import { schemaReader, type SchemaReader } from '../schema.ts'
import { type ExportPlace, receiverValue, zeroValue } from './zero-value.ts'

/** Exports as a component's room hands them over. */
export interface PlainExports {
  readonly value: Readonly<Record<string, unknown>>
  /** Paths in `value` where a text stands that is a secret. */
  readonly secrets: readonly ArgumentPath[]
}

/**
 * What a running component exported, as a value of the language. What it has not set has the empty value of its type;
 * secrets become capsules that nothing prints.
 */
export function exportsToValue(schema: JsonSchema, exported: PlainExports, component: string): ObjectValue {
  const secrets = new Set(exported.secrets.map((path) => JSON.stringify(path)))
  const conversion = new ExportConversion(schemaReader(schema), secrets, exported.secrets)
  return conversion.value(schema, exported.value, { component, path: [] }, []) as ObjectValue
}

class ExportConversion {
  readonly #reader: SchemaReader
  readonly #isSecret: ReadonlySet<string>
  readonly #secrets: readonly ArgumentPath[]

  constructor(reader: SchemaReader, isSecret: ReadonlySet<string>, secrets: readonly ArgumentPath[]) {
    this.#reader = reader
    this.#isSecret = isSecret
    this.#secrets = secrets
  }

  value(schema: JsonSchema, plain: unknown, at: ExportPlace, path: ArgumentPath): Value {
    const shape = this.#reader.shape(schema)
    if (shape.mark?.kind === 'receiver') return receiverValue(shape.mark.types ?? [], at)
    if (plain === undefined) return zeroValue(this.#reader, schema, at)
    switch (shape.mark?.kind) {
      case 'secret':
        return makeSecret(String(plain))
      case 'optional_secret':
        return makeOptionalSecret(String(plain), this.#marked(path))
      case 'capsule':
        return new Capsule(shape.mark.name ?? '', { plain, secrets: this.#secretsBelow(path) } satisfies CapsuleData)
    }
    if (shape.mark?.kind === 'targets' && this.#secrets.length === 0) return targetsValue(plain)
    if (plain === null || typeof plain === 'boolean') return plain
    if (typeof plain === 'string') return this.#marked(path) ? makeSecret(plain) : plain
    if (typeof plain === 'number' || typeof plain === 'bigint') return numberValue(plain, shape.type)
    if (Array.isArray(plain)) {
      return plain.map((each, index) => this.value(shape.items ?? {}, each, at, [...path, index]))
    }
    return this.#object(schema, plain as Readonly<Record<string, unknown>>, at, path)
  }

  #object(schema: JsonSchema, plain: Readonly<Record<string, unknown>>, at: ExportPlace, path: ArgumentPath): Value {
    const { properties, additional } = this.#reader.shape(schema)
    const object = Object.create(null) as Record<string, Value>
    for (const name of new Set([...properties.keys(), ...Object.keys(plain)])) {
      const inner = properties.get(name) ?? additional ?? {}
      const field = Object.hasOwn(plain, name) ? plain[name] : undefined
      object[name] = this.value(inner, field, { ...at, path: [...at.path, name] }, [...path, name])
    }
    return object
  }

  #marked(path: ArgumentPath): boolean {
    return this.#isSecret.size > 0 && this.#isSecret.has(JSON.stringify(path))
  }

  #secretsBelow(path: ArgumentPath): ArgumentPath[] {
    return this.#secrets
      .filter((secret) => path.every((step, index) => secret[index] === step))
      .map((secret) => secret.slice(path.length))
  }
}

/** The bulk of what is exported, and nothing but text: it needs no look at the schema of each label. */
function targetsValue(plain: unknown): Value {
  if (!Array.isArray(plain)) return []
  return (plain as readonly Readonly<Record<string, string>>[]).map((labels) =>
    Object.assign(Object.create(null) as Record<string, Value>, labels),
  )
}

/** The schema says whether a number is an integer; where it says nothing, the number does. */
function numberValue(plain: number | bigint, type: string | undefined): bigint | number {
  if (typeof plain === 'bigint') return plain
  return type !== 'number' && Number.isInteger(plain) ? BigInt(plain) : plain
}
