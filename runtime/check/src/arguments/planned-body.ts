import type { JsonSchema } from '@ingot/manifest'
import { type SchemaReader, schemaReader, type Shape } from '../schema.ts'
import { blockKind, findBlock } from './find-block.ts'

/** What is said of everything that Alloy has and Ingot has not. */
export const notYet = 'known in Alloy, not yet in Ingot'

/** The body of a component or block as Alloy has it, beside the one that Ingot has. */
export class PlannedBody {
  readonly reader: SchemaReader
  readonly shape: Shape

  private constructor(reader: SchemaReader, shape: Shape) {
    this.reader = reader
    this.shape = shape
  }

  static of(schema: JsonSchema): PlannedBody {
    const reader = schemaReader(schema)
    return new PlannedBody(reader, reader.root())
  }

  /** The inside of one of its blocks. */
  inner(name: string): PlannedBody | undefined {
    const found = findBlock(this.reader, this.shape, name)
    return typeof found === 'object' ? new PlannedBody(this.reader, this.reader.shape(found.body)) : undefined
  }

  /** The schema of one of its arguments. */
  argument(name: string): JsonSchema | undefined {
    const schema = this.shape.properties.get(name)
    return schema && !blockKind(this.reader, schema) ? schema : undefined
  }
}
