/** The configuration does not hold; `message` is the printed diagnostics. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** The configuration and `ingot.lock` do not say the same. */
  readonly lockDisagrees: boolean

  constructor(printed: string, lockDisagrees: boolean) {
    super(printed)
    this.lockDisagrees = lockDisagrees
  }
}
