import type { EvaluatedBlock } from '@ingot/graph'
import type { JsonSchema } from '@ingot/manifest'
import type { Diagnostic } from '@ingot/syntax'
import type { ArgumentsFrame } from '../frame.ts'
import { schemaReader } from '../schema.ts'
import { decodeBody } from './decode-body.ts'
import { Decoding, type DecodeOptions } from './decoding.ts'
import { PlannedBody } from './planned-body.ts'

export interface DecodedArguments {
  /** Complete only without errors. Without defaults: the component puts them in. */
  readonly frame: ArgumentsFrame
  readonly diagnostics: readonly Diagnostic[]
  /** A value cannot be taken before the components that it is made from have set their exports. */
  readonly waiting: boolean
}

export interface ArgumentOptions extends DecodeOptions {
  /** The arguments as Alloy has them, where Ingot's are fewer. */
  readonly planned?: JsonSchema | undefined
}

/**
 * The arguments that a block gives, checked and converted against the schema of its component. All mistakes are found,
 * not the first. Attributes without a value are checked by their name alone.
 */
export function decodeArguments(
  schema: JsonSchema,
  block: EvaluatedBlock,
  { planned, ...options }: ArgumentOptions = {},
): DecodedArguments {
  const reader = schemaReader(schema)
  const decoding = new Decoding(reader, block.file, options)
  const place = { owner: block.name, path: [], planned: planned && PlannedBody.of(planned) }
  const value = decodeBody(decoding, reader.root(), block, place)
  const { diagnostics, outputs, secrets, waiting } = decoding
  return { frame: { value, outputs, secrets }, diagnostics, waiting }
}
