import type { EvaluatedBlock } from '@ingot/graph'
import type { JsonSchema } from '@ingot/manifest'
import type { Diagnostic } from '@ingot/syntax'
import type { Formats } from '../formats.ts'
import type { ArgumentsFrame } from '../frame.ts'
import { schemaReader } from '../schema.ts'
import { decodeBody } from './decode-body.ts'
import { Decoding } from './decoding.ts'

export interface DecodedArguments {
  /** Complete only without errors. Without defaults: the component puts them in. */
  readonly frame: ArgumentsFrame
  readonly diagnostics: readonly Diagnostic[]
  /** A value cannot be taken before the components that it is made from have set their exports. */
  readonly waiting: boolean
}

/**
 * The arguments that a block gives, checked and converted against the schema of its component. All mistakes are found,
 * not the first. Attributes without a value are checked by their name alone.
 */
export function decodeArguments(schema: JsonSchema, block: EvaluatedBlock, formats: Formats = {}): DecodedArguments {
  const reader = schemaReader(schema)
  const decoding = new Decoding(reader, formats, block.file)
  const value = decodeBody(decoding, reader.root(), block, { owner: block.name, path: [] })
  const { diagnostics, outputs, secrets, waiting } = decoding
  return { frame: { value, outputs, secrets }, diagnostics, waiting }
}
