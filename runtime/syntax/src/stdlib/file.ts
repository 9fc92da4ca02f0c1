import { toText } from '../convert/convert.ts'
import type { FunctionValue } from '../value.ts'
import { variadic } from './native-function.ts'

/** `path.join` as Go has it: empty parts are skipped, no trailing separator stays, and no parts give no path. */
export function fileFunctions(path: { join: (...parts: string[]) => string; sep: string }): FunctionValue[] {
  return [
    variadic('file.path_join', [], toText, (_, parts) => {
      const given = parts.filter((part) => part !== '')
      return given.length === 0 ? '' : withoutTrailing(path.join(...given), path.sep)
    }),
  ]
}

function withoutTrailing(joined: string, separator: string): string {
  const root = joined === separator || /^[A-Za-z]:\\$/.test(joined)
  return joined.endsWith(separator) && !root ? joined.slice(0, -separator.length) : joined
}
