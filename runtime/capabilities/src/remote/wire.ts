/**
 * How capability calls cross a process: one message is
 *
 * ```
 * jsonLength (4 bytes, little-endian) · JSON in UTF-8 · binary parts, one after the other
 * ```
 *
 * In the JSON, `{"$bytes":[offset,length]}` stands for bytes: the stretch of the binary parts that begins at `offset`.
 * `undefined` properties are left out; `undefined` in an array is `null`.
 *
 * - Arguments of a call: a JSON array, in the order of the method's parameters. Where a `Secret` may stand (header
 *   values, metadata, `tls.key`), `{"$secret":"name"}` names one that only the host can look up.
 * - Result: `{"value": …}` (without `value` for `undefined`), or `{"error":{"code": CapabilityErrorCode,"message": …}}`.
 */
export function encodeWire(value: unknown): Uint8Array {
  const parts: Uint8Array[] = []
  let offset = 0
  const json = JSON.stringify(value, (_key, one: unknown) => {
    // A Buffer would come as what its toJSON gives, so bytes are looked for one level above.
    if (typeof one !== 'object' || one === null || one instanceof Uint8Array) return one
    return replaceBytes(one, (bytes) => {
      parts.push(bytes)
      offset += bytes.length
      return { $bytes: [offset - bytes.length, bytes.length] }
    })
  })
  const text = Buffer.from(json ?? 'null')
  const head = Buffer.allocUnsafe(4)
  head.writeUInt32LE(text.length)
  return Buffer.concat([head, text, ...parts])
}

/** Bytes in the result are views of the message. @throws when the message is malformed. */
export function decodeWire(message: Uint8Array): unknown {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  if (bytes.length < 4) throw new Error('Cannot read the message: it has no length')
  const start = 4 + bytes.readUInt32LE(0)
  if (start > bytes.length) throw new Error('Cannot read the message: its JSON is cut off')
  return JSON.parse(bytes.toString('utf8', 4, start), (_key, one: unknown) => {
    const stretch = typeof one === 'object' && one !== null && '$bytes' in one ? one.$bytes : undefined
    if (stretch === undefined) return one
    const [offset, length] = Array.isArray(stretch) ? (stretch as unknown[]) : []
    if (!isSize(offset) || !isSize(length) || start + offset + length > bytes.length)
      throw new Error('Cannot read the message: its bytes are cut off')
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start + offset, length)
  })
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A shallow copy with bytes replaced, or the same object when it has none. */
function replaceBytes(value: object, replace: (bytes: Uint8Array) => unknown): object {
  const own = Object.entries(value)
  if (!own.some(([, one]) => one instanceof Uint8Array)) return value
  const replaced = own.map(([key, one]) => [key, one instanceof Uint8Array ? replace(one) : (one as unknown)] as const)
  return Array.isArray(value) ? replaced.map(([, one]) => one) : Object.fromEntries(replaced)
}
