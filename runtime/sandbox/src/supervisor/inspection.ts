/** What connects the runner of one instance with a debugger that its author attaches. */
export interface Inspection {
  /** `data:` address of a source map: the debugger finds the sources by it. */
  readonly sourceMapUrl?: string
  /** The runner is there: `send` gives it what the debugger asks, as text of the Chrome DevTools Protocol. */
  opened(send: (text: string) => void): void
  /** What the engine tells the debugger. */
  message(text: string): void
  closed(): void
}

/** What the debugger is told at once: a script's source at most. */
const lineBytesMax = 16 * 1024 * 1024

/** Cuts what a runner writes into messages. @returns what takes its output */
export function messagesOf(onMessage: (text: string) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    if (rest.length > lineBytesMax) rest = ''
    for (const line of lines) onMessage(line)
  }
}
