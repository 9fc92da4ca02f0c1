/**
 * Name, message and stack of whatever was thrown, as plain text cut to the bounds. Getters of a hostile error run here,
 * inside the isolate and within the turn's timeout, never in the runner or the lane.
 */
export function describeError(error: unknown, textMax: number): string {
  try {
    if (typeof error === 'object' && error !== null && 'message' in error) {
      const { name, message } = error as { readonly name?: unknown; readonly message?: unknown }
      const prefix = typeof name === 'string' && name !== '' && name !== 'Error' ? `${name.slice(0, textMax)}: ` : ''
      return (prefix + String(message).slice(0, textMax)).slice(0, textMax)
    }
    return String(error).slice(0, textMax)
  } catch {
    return 'an error that cannot be read'
  }
}

export function describeStack(error: unknown, stackMax: number): string | undefined {
  try {
    const stack = (error as { readonly stack?: unknown } | null)?.stack
    return typeof stack === 'string' ? stack.slice(0, stackMax) : undefined
  } catch {
    return undefined
  }
}
