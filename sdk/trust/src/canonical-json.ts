/** Deeper documents are refused: nothing that is signed nests like this, and recursion needs a bound. */
const depthMax = 100

/**
 * The JSON Canonicalization Scheme (RFC 8785): one text for one value, so that it can be hashed.
 * @throws for what has no such text: `NaN`, infinities, lone surrogates, functions, and nesting beyond 100 levels.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (depth > depthMax) throw new Error(`Cannot canonicalize the value: found more than ${depthMax} levels`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'string') return writeString(value)
  if (Array.isArray(value)) return `[${value.map((item: unknown) => write(item, depth + 1)).join(',')}]`
  if (typeof value === 'object') return writeObject(value as Record<string, unknown>, depth)
  throw new Error(`Cannot canonicalize the value: found a ${typeof value}, want JSON`)
}

/** Members that are `undefined` are left out, as `JSON.stringify` does; `sort` compares UTF-16 code units, as the RFC wants. */
function writeObject(value: Record<string, unknown>, depth: number): string {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  const members = keys.sort().map((key) => `${writeString(key)}:${write(value[key], depth + 1)}`)
  return `{${members.join(',')}}`
}

/** ECMAScript's own number text is the one that the RFC prescribes. */
function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`Cannot canonicalize the value: found ${value}, want a finite number`)
  return JSON.stringify(value)
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw new Error('Cannot canonicalize the value: found text with a lone surrogate')
  return JSON.stringify(value)
}
