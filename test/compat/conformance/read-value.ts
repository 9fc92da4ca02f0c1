import { evaluate, FunctionValue, makeOptionalSecret, makeSecret, parse, type Value } from '@ingot/syntax'

const makers: Readonly<Record<string, Value>> = {
  secret: new FunctionValue('secret', ([text]) => makeSecret(text as string)),
  optional: new FunctionValue('optional', ([text]) => makeOptionalSecret(text as string, false)),
  marked: new FunctionValue('marked', ([text]) => makeOptionalSecret(text as string, true)),
}

/** A value as a configuration writes it, and as none can: `secret("…")`; an optional secret, marked or not. */
export function readValue(text: string): Value {
  const { file, diagnostics } = parse('expectation', `value = ${text}\n`)
  const statement = file.body.statements[0]
  if (statement?.kind !== 'attribute') throw new Error(`Cannot read value: ${diagnostics[0]?.message ?? text}`)
  return evaluate(statement.value, { lookup: (name) => makers[name] }, 'expectation')
}
