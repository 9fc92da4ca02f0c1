import { toText } from '../convert/convert.ts'
import type { FunctionValue, ObjectValue, Value } from '../value.ts'
import { isSecret, openSecret } from '../value/secret.ts'
import { asArray, asObject } from '../value/type-name.ts'
import { arrayFunctions } from './array.ts'
import { convertFunctions } from './convert.ts'
import { encodingFunctions } from './encoding.ts'
import { fileFunctions } from './file.ts'
import { jsonPath } from './json-path.ts'
import { deprecatedNames } from './names.ts'
import { anyValue, native, variadic } from './native-function.ts'
import { stringFunctions } from './string.ts'

/** What the functions need to know of the machine. They do no I/O themselves. */
export interface StdlibHost {
  /** `undefined` when the variable is not set. */
  readonly env: (name: string) => string | undefined
  readonly hostname: string
  /** As Go calls them: `linux`, `darwin`, `windows`. */
  readonly os: string
  /** As Go calls them: `amd64`, `arm64`. */
  readonly arch: string
  /** With a leading `v`: `v1.4.0`. */
  readonly version: string
  /** Joins with the separator of the system and resolves `.` and `..`: `node:path` fits. */
  readonly path: { readonly join: (...parts: string[]) => string; readonly sep: string }
}

/**
 * The standard library: the names that every scope has unless something of its own hides them. Which of them are
 * deprecated or experimental is in names.ts.
 */
export function stdlib(host: StdlibHost): ObjectValue {
  const { env, hostname, os, arch, version, path } = host
  const library: Record<string, Value> = {
    constants: frozen({ hostname, os, arch, version: version === '' ? 'v0.0.0' : version }),
    coalesce: variadic('coalesce', [], anyValue, (_, values) => coalesce(values)),
    json_path: jsonPath,
    array: namespace(arrayFunctions),
    convert: namespace(convertFunctions),
    encoding: namespace(encodingFunctions),
    file: namespace(fileFunctions(path)),
    string: namespace(stringFunctions),
    sys: namespace([native('sys.env', [toText], (name) => env(name) ?? '')]),
  }
  for (const [name, replacement] of Object.entries(deprecatedNames)) {
    const [space, member] = replacement.split('.') as [string, string]
    library[name] = asObject(library[space]!)![member]!
  }
  return frozen(library)
}

/** The functions of one namespace, by the part of their names after the dot. */
function namespace(functions: readonly FunctionValue[]): ObjectValue {
  return frozen(Object.fromEntries(functions.map((f) => [f.name.slice(f.name.indexOf('.') + 1), f])))
}

function frozen(values: Readonly<Record<string, Value>>): ObjectValue {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, Value>, values))
}

/** The first value that is not empty; the last one when all are. */
function coalesce(values: readonly Value[]): Value {
  return values.find((value) => !isEmpty(value)) ?? values.at(-1) ?? null
}

function isEmpty(value: Value): boolean {
  if (value === null || value === '' || value === false || value === 0n || Object.is(value, 0)) return true
  const size = asArray(value)?.length ?? (asObject(value) && Object.keys(asObject(value)!).length)
  const open = openSecret(value)
  return size === 0 || (open?.text === '' && !(open.kind === 'optional_secret' && isSecret(value)))
}
