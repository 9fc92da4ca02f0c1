/**
 * What expressions mean, said a second time and as directly as possible: for checking the evaluator, with which it shares
 * nothing. Values are plain: an integer is a bigint, an object a Map, a secret says how much of one it is.
 */
export type ModelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | ModelValue[]
  | Map<string, ModelValue>
  | ModelSecret
/** `open` is an optional secret that is none, `marked` one that is. */
export interface ModelSecret {
  readonly secret: 'open' | 'marked' | 'secret'
  readonly text: string
}

/** The code of what an expression fails with. */
export class Mistake extends Error {}

export function fail(code: string): never {
  throw new Mistake(code)
}

export function binary(operator: string, left: ModelValue, right: ModelValue): ModelValue {
  const [a, b] = aligned(left, right)
  if (operator === '==') return same(a, b)
  if (operator === '!=') return !same(a, b)
  const takes = operands(operator)
  if (!takes.includes(typeOf(a)) || !takes.includes(typeOf(b)) || typeOf(a) !== typeOf(b)) fail('invalid-operand')
  if (typeof a === 'boolean') return operator === '||' ? a || (b as boolean) : a && (b as boolean)
  if (typeof a === 'string')
    return operator === '+' ? a + (b as string) : ordered(operator, bytes(a).compare(bytes(b as string)))
  if (isSecret(a)) return joined(a, b as ModelSecret)
  return numbers(operator, a as bigint | number, b as bigint | number)
}

export function unary(operator: string, value: ModelValue): ModelValue {
  if (operator === '!') return typeof value === 'boolean' ? !value : fail('invalid-operand')
  if (typeof value === 'number') return -value
  return typeof value === 'bigint' ? signed(-value) : fail('invalid-operand')
}

export function field(value: ModelValue, name: string): ModelValue {
  if (!(value instanceof Map)) fail('wrong-type')
  return value.has(name) ? value.get(name)! : fail('missing-field')
}

export function element(value: ModelValue, index: ModelValue): ModelValue {
  if (value instanceof Map) return typeof index === 'string' ? (value.get(index) ?? null) : fail('wrong-type')
  if (!Array.isArray(value) || (typeof index !== 'bigint' && typeof index !== 'number')) fail('wrong-type')
  const at = Math.trunc(Number(index))
  return at >= 0 && at < value.length ? value[at]! : fail('index-out-of-range')
}

/** The text that a parameter of type string gets. */
export function text(value: ModelValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return decimal(value)
  return isSecret(value) && value.secret === 'open' ? value.text : fail('invalid-argument')
}

export function isEmpty(value: ModelValue): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Map) return value.size === 0
  if (isSecret(value)) return value.text === '' && value.secret !== 'marked'
  return value === null || value === '' || value === false || value === 0n || Object.is(value, 0)
}

function typeOf(value: ModelValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'object'
  if (typeof value === 'object') return 'secret'
  return typeof value === 'bigint' ? 'number' : typeof value
}

function operands(operator: string): readonly string[] {
  if (operator === '||' || operator === '&&') return ['boolean']
  if (operator === '+') return ['number', 'string', 'secret']
  return /[<>]/.test(operator) ? ['number', 'string'] : ['number']
}

export function isSecret(value: ModelValue): value is ModelSecret {
  return typeOf(value) === 'secret'
}

/** Two operands of which one is a secret become two of the same sort. */
function aligned(left: ModelValue, right: ModelValue): [ModelValue, ModelValue] {
  const sorts = [left, right].map((value) =>
    typeof value === 'string' ? 'string' : isSecret(value) ? value.secret : 'none',
  )
  if (sorts.includes('none')) return [left, right]
  const as = (secret: ModelSecret['secret']): [ModelValue, ModelValue] =>
    [left, right].map((value) => ({ secret, text: (value as ModelSecret).text ?? value })) as [ModelValue, ModelValue]
  if (sorts.includes('secret')) return as('secret')
  if (!sorts.includes('string')) return [left, right]
  if (sorts.includes('marked')) return as('marked')
  return [left, right].map((value) => (isSecret(value) ? value.text : value)) as [ModelValue, ModelValue]
}

function joined(a: ModelSecret, b: ModelSecret): ModelSecret {
  const secret = a.secret === 'open' && b.secret === 'open' ? 'open' : a.secret === 'secret' ? 'secret' : 'marked'
  return { secret, text: a.text + b.text }
}

function same(a: ModelValue, b: ModelValue): boolean {
  if (typeOf(a) !== typeOf(b)) return false
  if (typeOf(a) === 'number') return ordered('==', order(a as bigint | number, b as bigint | number))
  if (isSecret(a)) return a.text === (b as ModelSecret).text && a.secret === (b as ModelSecret).secret
  if (Array.isArray(a))
    return a.length === (b as ModelValue[]).length && a.every((item, at) => same(item, (b as ModelValue[])[at]!))
  if (!(a instanceof Map)) return a === b
  const other = b as Map<string, ModelValue>
  return a.size === other.size && [...a].every(([key, item]) => other.has(key) && same(item, other.get(key)!))
}

function ordered(operator: string, order: number): boolean {
  return { '==': order === 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator]!
}

const bytes = (value: string): Buffer => Buffer.from(value, 'utf8')

function order(a: bigint | number, b: bigint | number): number {
  if (typeof a === 'number' || typeof b === 'number') {
    const difference = Number(a) - Number(b)
    return Number(a) === Number(b) ? 0 : difference
  }
  const [x, y] = bothUnsigned(a, b) ? [a, b] : [signed(a), signed(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function numbers(operator: string, a: bigint | number, b: bigint | number): ModelValue {
  if (/[<>]/.test(operator)) return ordered(operator, order(a, b))
  if ((operator === '/' || operator === '%') && Number(b) === 0) fail('division-by-zero')
  if (typeof a === 'number' || typeof b === 'number') return floats(operator, Number(a), Number(b))
  const wrap = bothUnsigned(a, b) ? unsigned : signed
  const [x, y] = [wrap(a), wrap(b)]
  if (operator === '^') return y < 0n && x !== 1n ? x : wrap(power(x, y))
  return wrap({ '+': () => x + y, '-': () => x - y, '*': () => x * y, '/': () => x / y, '%': () => x % y }[operator]!())
}

/** Exact, and so only for small exponents: of larger ones the low 64 bits are found by way of a smaller power. */
function power(base: bigint, exponent: bigint): bigint {
  if (exponent <= 64n) return exponent < 0n ? 1n : base ** exponent
  const half = unsigned(power(base, exponent / 2n))
  return half * half * (exponent % 2n === 1n ? base : 1n)
}

function floats(operator: string, a: number, b: number): number {
  if (operator === '^') return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b)
  return { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b }[operator]!
}

const bothUnsigned = (a: bigint, b: bigint): boolean => a >= 2n ** 63n && b >= 2n ** 63n
const unsigned = (value: bigint): bigint => ((value % 2n ** 64n) + 2n ** 64n) % 2n ** 64n
const signed = (value: bigint): bigint => (unsigned(value) >= 2n ** 63n ? unsigned(value) - 2n ** 64n : unsigned(value))

/** All digits of a float, and no exponent: its shortest digits, with the point moved by hand. */
function decimal(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [digits, exponent] = Math.abs(value).toExponential().split('e') as [string, string]
  const all = digits.replace('.', '')
  const point = Number(exponent) + 1
  const whole = point <= 0 ? '0' : all.padEnd(point, '0').slice(0, point)
  const fraction = point <= 0 ? '0'.repeat(-point) + all : all.slice(point)
  return sign + whole + (/[1-9]/.test(fraction) ? `.${fraction}` : '')
}
