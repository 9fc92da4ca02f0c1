import { chainOf, children, type Expression, FunctionValue, type ObjectValue } from '@ingot/syntax'

/** An environment variable that an expression reads and that is not set here: where the collector runs it may be. */
export function unsetVariable(expression: Expression, globals: ObjectValue): string | undefined {
  const read = globals['env']
  if (!(read instanceof FunctionValue)) return undefined
  const name = variableOf(expression)
  if (name !== undefined && read.call([name]) === '') return name
  for (const child of children(expression)) {
    const found = unsetVariable(child, globals)
    if (found !== undefined) return found
  }
  return undefined
}

function variableOf(expression: Expression): string | undefined {
  if (expression.kind !== 'call') return undefined
  const called = chainOf(expression.callee)?.names.join('.')
  const [name] = expression.args
  if ((called !== 'sys.env' && called !== 'env') || name?.kind !== 'literal') return undefined
  return typeof name.value === 'string' ? name.value : undefined
}
