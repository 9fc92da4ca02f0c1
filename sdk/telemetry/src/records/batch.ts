/** A stream that a module has invented: its name, and a digest of the JSON Schema of its rows. */
export type RecordsType = `records<${string}>`

/** Rows of a stream that a module has invented: one JSON text for each, with a newline behind it. */
export interface RecordsBatch {
  readonly type: RecordsType
  readonly count: number
  readonly bytes: Uint8Array
}

export function isRecordsType(type: string): type is RecordsType {
  return type.length <= typeLengthMax && /^records<[a-z][a-z0-9_]*:[0-9a-f]{16}>$/.test(type)
}

const typeLengthMax = 128
