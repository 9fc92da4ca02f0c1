/** What was asked of an isolate is lost with it: it is worth another try. */
export class IsolateLostError extends Error {
  override readonly name = 'IsolateLostError'
}
