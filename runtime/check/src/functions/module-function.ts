import type { FunctionManifest, JsonSchema } from '@ingot/manifest'
import { CallError, Capsule, isSecret, ModuleFunction, type Value } from '@ingot/syntax'
import { mentionsKind } from '../advice/mentions-kind.ts'
import { decodeValue } from '../arguments/decode-value.ts'
import { exportsToValue } from '../exports/exports-to-value.ts'
import { zeroValue } from '../exports/zero-value.ts'
import { schemaReader } from '../schema.ts'
import { isStableEnough, type Stability } from '../stability.ts'
import { CallDecoding, placeOf } from './call-decoding.ts'

/** What a function said, as plain data. */
export type FunctionOutcome =
  | { readonly value: unknown }
  /** `argument`: the one to blame, counted from 0. */
  | { readonly error: string; readonly argument?: number | undefined }

export interface ModuleFunctionOptions {
  /** As the configuration calls it: `mask.endpoint`. */
  readonly name: string
  readonly manifest: FunctionManifest
  /** The runtime vouches for the module: it may be given secrets, where it asks for them. */
  readonly trusted: boolean
  readonly stability: Stability
  /** What it says of plain arguments, as far as that is known. Without it nothing ever is: nothing runs. */
  readonly ask?: ((args: readonly unknown[]) => FunctionOutcome | undefined) | undefined
}

/** A function of a module as expressions call it: its manifest says what it takes and gives, and its code runs elsewhere. */
export function moduleFunction(options: ModuleFunctionOptions): ModuleFunction {
  const { name, manifest, stability, ask } = options
  const empty = zeroValue(schemaReader(manifest.result), manifest.result, { component: name, path: [] })
  return new ModuleFunction(name, (args, known) => {
    if (!isStableEnough(manifest.stability, stability))
      throw new CallError('unstable-feature', `its stability is ${manifest.stability}, want ${stability}`, {
        certain: true,
        values: { level: manifest.stability },
      })
    checkCount(manifest, args.length)
    const plain = args.map((value, index) => plainArgument(options, value, index, known))
    const outcome = known ? ask?.(plain) : undefined
    if (!outcome) return { value: empty, known: false }
    return { value: resultOf(options, outcome), known: true }
  })
}

function checkCount({ parameters, variadic }: FunctionManifest, count: number): void {
  const least = parameters.filter(({ optional }) => !optional).length
  const most = variadic ? Infinity : parameters.length
  if (count >= least && count <= most) return
  const wanted = most === Infinity ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`
  const reason = `found ${count} argument${count === 1 ? '' : 's'}, want ${wanted}`
  throw new CallError('wrong-argument-count', reason, { certain: true })
}

function plainArgument(options: ModuleFunctionOptions, value: Value, index: number, known: boolean): unknown {
  const { name, manifest, trusted, stability } = options
  const { name: parameter, schema } = manifest.parameters[Math.min(index, manifest.parameters.length - 1)]!
  const decoding = new CallDecoding(schemaReader(schema), stability, (at) => `argument "${at.name}"`)
  const decoded = decodeValue(decoding, schema, value, placeOf(parameter, name, !known))
  const mistake = decoding.diagnostics.find(({ severity }) => severity === 'error')
  if (mistake) {
    const certain = mistake.code !== 'invalid-value'
    const code = certain ? 'wrong-type' : 'invalid-argument'
    throw new CallError(code, decoding.reasonOf(mistake), { argument: index, advice: mistake.hint, certain })
  }
  if (holdsSecret(value)) wantSecretTaker(manifest, schema, trusted, parameter, index)
  return decoded
}

/** The value itself, not what it becomes: a plain text is nobody's secret. Values end, as expressions and exports do. */
function holdsSecret(value: Value): boolean {
  if (value instanceof Capsule) return isSecret(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((part: Value) => holdsSecret(part))
}

/** Code that nobody vouches for sees no secret; and what is made from one is one. */
function wantSecretTaker(
  { result }: FunctionManifest,
  schema: JsonSchema,
  trusted: boolean,
  parameter: string,
  argument: number,
): void {
  const asksForIt = mentionsKind(schema, 'secret') || mentionsKind(schema, 'optional_secret')
  const keepsIt = schemaReader(result).root().mark?.kind === 'secret'
  if (trusted && asksForIt && keepsIt) return
  const reason = trusted
    ? `argument "${parameter}": found secret, want a value that may be read`
    : `argument "${parameter}": found secret, and the module is not trusted`
  throw new CallError('secret-argument', reason, { argument, certain: true })
}

/** Conversions of what was said, which is asked for at every evaluation. */
const converted = new WeakMap<FunctionOutcome, Value>()

function resultOf(options: ModuleFunctionOptions, outcome: FunctionOutcome): Value {
  if ('error' in outcome) throw new CallError('function-failed', outcome.error, { argument: outcome.argument })
  const known = converted.get(outcome)
  if (known !== undefined) return known
  const value = convertResult(options, outcome.value)
  converted.set(outcome, value)
  return value
}

/** What the code said is a claim: it can be taken for what the manifest says, or the call has failed. */
function convertResult({ name, manifest: { result }, stability }: ModuleFunctionOptions, plain: unknown): Value {
  const schema = { type: 'object', properties: { result }, required: ['result'] }
  const valueOf = (said: unknown): Value =>
    exportsToValue(schema, { value: { result: said ?? null }, secrets: [] }, name)['result']!
  const decoding = new CallDecoding(schemaReader(result), stability, (at) =>
    at.path.length === 0 ? 'its result' : `"${at.name}"`,
  )
  const taken = decodeValue(decoding, result, valueOf(plain), placeOf('result', name, false))
  const mistake = decoding.diagnostics.find(({ severity }) => severity === 'error')
  if (mistake) throw new CallError('function-failed', decoding.reasonOf(mistake))
  return valueOf(taken)
}
