/** The type checker: configurations against manifests. Runs no module code and does no I/O. */
export { decodeArguments, type DecodedArguments } from './arguments/decode-arguments.ts'
export { exportsToValue, type PlainExports } from './exports/exports-to-value.ts'
export { staticExports } from './exports/static-exports.ts'
export type { FormatCheck, Formats } from './formats.ts'
export type * from './frame.ts'
export { type CheckedManifest, type Stability, validate, type Validated, type ValidateInput } from './validate.ts'
