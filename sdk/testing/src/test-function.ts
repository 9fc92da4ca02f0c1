import type { FunctionDefinition } from '@ingot/sdk'
import { callFunction, isRest, type FunctionAnswer } from '@ingot/sdk/host'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { looseObjects, undescribed, type Schema } from './schema-gaps.ts'
import type { TestApi } from './test-component.ts'

/** What a runner takes of an answer, unless an operator allows more. */
const resultBytesMax = 2 ** 20

/** The contract of every function, as tests: what packing, the reference pages and whoever calls it rely on. */
export function testFunction(definition: unknown, { test }: TestApi): void {
  const declared = definition as FunctionDefinition
  const { name, examples } = declared
  const globals = Object.getOwnPropertyNames(globalThis)

  test(`${name} describes itself, its parameters and its result`, async () => {
    fail(gaps(declared))
  })

  test(`${name} does what its examples say`, async () => {
    fail(
      examples.flatMap(({ args, result }) => {
        const answer = callFunction(declared, structuredClone(args))
        if ('error' in answer) return [`${callText(name, args)} fails: ${answer.error}`]
        if (isDeepStrictEqual(plain(answer.value), result)) return []
        return [`${callText(name, args)} gives ${JSON.stringify(answer.value)}, want ${JSON.stringify(result)}`]
      }),
    )
  })

  test(`${name} refuses arguments that it has not declared`, async () => {
    fail(accepted(declared))
  })

  test(`${name} is pure: it answers the same whatever was called before, and changes nothing`, async () => {
    fail(impurities(declared, globals))
  })

  test(`${name} answers with plain data, and no more than ${resultBytesMax} bytes`, async () => {
    fail(examples.flatMap(({ args }) => excess(declared, args)))
  })
}

function fail(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

function gaps(declared: FunctionDefinition): string[] {
  const found: string[] = []
  if (!/^[a-z][a-z0-9_]*$/.test(declared.name)) found.push(`the name "${declared.name}" is malformed`)
  if (!/^\S.*\.$/.test(declared.summary)) found.push('summary: want one sentence that ends with a full stop')
  undescribed({ properties: parameterSchemas(declared) }, 'parameters', found)
  const result = schemaOf(declared.result)
  if ((result.description ?? '').trim() === '') found.push('result has no description')
  undescribed(result, 'result', found)
  if (declared.examples.length === 0) found.push('examples: want at least one')
  return found
}

function accepted(declared: FunctionDefinition): string[] {
  const found: string[] = []
  for (const [name, schema] of Object.entries(parameterSchemas(declared))) looseObjects(schema, name, found)
  const required = Object.values(declared.parameters).filter((schema) => !isRest(schema) && !takes(schema, undefined))
  for (let count = 0; count < required.length; count++) {
    const args = (declared.examples[0]?.args ?? []).slice(0, count)
    if (!('error' in callFunction(declared, args))) found.push(`${callText(declared.name, args)} is accepted`)
  }
  return found
}

function impurities(declared: FunctionDefinition, globals: readonly string[]): string[] {
  const { name, examples } = declared
  const first = examples.map(({ args }) => answerOf(declared, args))
  const again = examples.toReversed().map(({ args }) => answerOf(declared, args)).toReversed() // prettier-ignore
  const found = examples.flatMap(({ args }, at) =>
    isDeepStrictEqual(first[at], again[at]) ? [] : [`${callText(name, args)} gives something else the second time`],
  )
  for (const { args } of examples) {
    const given = structuredClone(args)
    callFunction(declared, given)
    if (!isDeepStrictEqual(given, args)) found.push(`${callText(name, args)} changes its arguments`)
  }
  const left = Object.getOwnPropertyNames(globalThis).filter((each) => !globals.includes(each))
  return [...found, ...left.map((each) => `it leaves the global "${each}" behind`)]
}

function excess(declared: FunctionDefinition, args: readonly unknown[]): string[] {
  const answer = answerOf(declared, args)
  if ('error' in answer) return []
  const call = callText(declared.name, args)
  const text = JSON.stringify(answer.value)
  if (!isDeepStrictEqual(plain(answer.value), answer.value)) return [`${call} gives what is not plain data`]
  if (!takes(declared.result, answer.value)) return [`${call} gives ${text}, which its result does not allow`]
  return text.length > resultBytesMax ? [`${call} gives ${text.length} bytes`] : []
}

function answerOf(declared: FunctionDefinition, args: readonly unknown[]): FunctionAnswer {
  return callFunction(declared, structuredClone(args))
}

function parameterSchemas({ parameters }: FunctionDefinition): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(parameters).map(([name, schema]) => [name, schemaOf(schema)]))
}

function schemaOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema
}

function takes(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success
}

/** As it travels to whoever called. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null)) as unknown
}

function callText(name: string, args: readonly unknown[]): string {
  return `${name}(${args.map((each) => JSON.stringify(each)).join(', ')})`
}
