/** Bytes or text that are not OTLP. The message says what failed, where, and what was wanted. */
export class OtelFormatError extends Error {
  override readonly name = 'OtelFormatError'
}
