export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^'
type Num = bigint | number

const int64Max = 2n ** 63n - 1n

/** Two floats, or an integer and a float, give a float; two unsigned integers an unsigned one; else a signed one. */
export function arithmetic(operator: ArithmeticOperator, left: Num, right: Num): Num {
  if (typeof left === 'number' || typeof right === 'number') return floats(operator, Number(left), Number(right))
  const wrap = left > int64Max && right > int64Max ? asUnsigned : asSigned
  return integers(operator, wrap(left), wrap(right), wrap)
}

/** Negative, zero or positive; NaN where the two are not ordered. */
export function compare(left: Num, right: Num): number {
  if (typeof left === 'number' || typeof right === 'number') {
    const a = Number(left)
    const b = Number(right)
    return a === b ? 0 : a < b ? -1 : a > b ? 1 : Number.NaN
  }
  const wrap = left > int64Max && right > int64Max ? asUnsigned : asSigned
  const difference = wrap(left) - wrap(right)
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

/** The negative of an unsigned integer is that of the signed integer with the same bits. */
export function negate(value: Num): Num {
  return typeof value === 'number' ? -value : asSigned(-asSigned(value))
}

function floats(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    case '^':
      return power(left, right)
  }
}

/** IEEE 754 says that 1 to any power is 1, and -1 to an infinite one; JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  return base ** exponent
}

type Wrap = (value: bigint) => bigint
const asSigned: Wrap = (value) => BigInt.asIntN(64, value)
const asUnsigned: Wrap = (value) => BigInt.asUintN(64, value)

function integers(operator: ArithmeticOperator, left: bigint, right: bigint, wrap: Wrap): bigint {
  switch (operator) {
    case '+':
      return wrap(left + right)
    case '-':
      return wrap(left - right)
    case '*':
      return wrap(left * right)
    case '/':
      return wrap(left / right)
    case '%':
      return wrap(left % right)
    case '^':
      return integerPower(left, right, wrap)
  }
}

/** Wraps at every step, so that no exponent makes it large or slow. A negative exponent returns the base. */
function integerPower(base: bigint, exponent: bigint, wrap: Wrap): bigint {
  if (base === 1n) return 1n
  if (exponent < 0n) return base
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = wrap(result * square)
    square = wrap(square * square)
  }
  return result
}
