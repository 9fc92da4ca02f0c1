/** Depth of nested blocks and values that a page shows. */
const depthMax = 32

interface JsonStatement {
  readonly type: 'attr' | 'block'
  readonly name: string
  readonly label?: string
  readonly value?: JsonValue
  readonly body?: readonly JsonStatement[]
}
interface JsonValue {
  readonly type: string
  readonly value: unknown
}

/** A body of the API (`{ type: 'attr', name, value }`, …) as configuration text. Capsules print as their own text, `(secret)` among them. */
export function printBody(body: readonly unknown[]): string {
  return (body as readonly JsonStatement[]).map((statement) => printStatement(statement, 0)).join('\n')
}

function printStatement(statement: JsonStatement, depth: number): string {
  const indent = '  '.repeat(depth)
  if (statement.type === 'attr') return `${indent}${statement.name} = ${printValue(statement.value!, depth)}`
  const label = statement.label ? ` ${JSON.stringify(statement.label)}` : ''
  const inner = depth >= depthMax ? ['…'] : (statement.body ?? []).map((one) => printStatement(one, depth + 1))
  return [`${indent}${statement.name}${label} {`, ...inner, `${indent}}`].join('\n')
}

function printValue({ type, value }: JsonValue, depth: number): string {
  const indent = '  '.repeat(depth)
  if (depth >= depthMax) return '…'
  switch (type) {
    case 'string':
      return JSON.stringify(value)
    case 'array': {
      const items = (value as readonly JsonValue[]).map((item) => printValue(item, depth + 1))
      const short = items.join(', ')
      if (short.length < 72 && !short.includes('\n')) return `[${short}]`
      return `[\n${items.map((item) => `${indent}  ${item},\n`).join('')}${indent}]`
    }
    case 'object': {
      const fields = (value as readonly { key: string; value: JsonValue }[]).map(
        ({ key, value: inner }) => `${printKey(key)} = ${printValue(inner, depth + 1)}`,
      )
      const short = fields.join(', ')
      if (short.length < 72 && !short.includes('\n')) return `{ ${short} }`
      return `{\n${fields.map((field) => `${indent}  ${field},\n`).join('')}${indent}}`
    }
    default:
      return String(value)
  }
}

function printKey(key: string): string {
  return /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(key) ? key : JSON.stringify(key)
}
