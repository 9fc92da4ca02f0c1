import { Labels } from '../labels.ts'
import { ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { ProtobufWriter, wireType } from '../protobuf/protobuf-writer.ts'

const scratch = new ProtobufWriter(4096)

/** `TimeSeries.labels` of remote write v1: field 1, repeated `Label{name = 1, value = 2}`. */
export function encodeLabels(labels: Labels): Uint8Array<ArrayBuffer> {
  scratch.reset()
  for (let i = 0; i < labels.names.length; i++) writeLabel(scratch, 1, labels.names[i]!, labels.values[i]!)
  return scratch.finish()
}

export function writeLabel(writer: ProtobufWriter, field: number, name: string, value: string): void {
  const mark = writer.begin(field)
  writer.stringField(1, name)
  writer.stringField(2, value)
  writer.end(mark)
}

/** Reads what {@link encodeLabels} wrote. The names must be sorted and unique: anything else is refused. */
export function decodeLabels(bytes: Uint8Array): Labels {
  const names: string[] = []
  const values: string[] = []
  const reader = new ProtobufReader(bytes)
  while (reader.next()) {
    if (reader.field !== 1 || reader.wire !== wireType.bytes)
      throw new Error(`Cannot read labels: found field ${reader.field}, want 1`)
    const label = reader.message()
    let name = ''
    let value = ''
    while (label.next()) {
      if (label.field === 1) name = label.string()
      else if (label.field === 2) value = label.string()
      else label.skip()
    }
    if (name === '') throw new Error('Cannot read labels: found a label without a name')
    if (names.length > 0 && names.at(-1)! >= name)
      throw new Error(`Cannot read labels: found "${name}" after "${names.at(-1)}", want sorted and unique names`)
    names.push(name)
    values.push(value)
  }
  return new Labels(names, values)
}
