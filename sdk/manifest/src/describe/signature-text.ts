import type { FunctionManifest } from '../module-manifest.ts'
import { typeText } from './type-text.ts'

/** A function as one writes a call of it: `endpoint(region: string, shard?: number, ...path: string): string`. */
export function signatureText({ name, parameters, variadic, result }: Signature): string {
  const shown = parameters.map((parameter, at) => parameterText(parameter, variadic && at === parameters.length - 1))
  return `${name}(${shown.join(', ')}): ${typeText(result)}`
}

/** One parameter of it: `shard?: number`. */
export function parameterText({ name, schema, optional }: Signature['parameters'][number], isRest: boolean): string {
  return `${isRest ? '...' : ''}${name}${optional && !isRest ? '?' : ''}: ${typeText(schema)}`
}

type Signature = Pick<FunctionManifest, 'name' | 'parameters' | 'variadic' | 'result'>
