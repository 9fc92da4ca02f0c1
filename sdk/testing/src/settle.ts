/** Turns of the event loop that are given: enough for chains of promises between a component's steps. */
const turns = 5
/** Longest wait of {@link until}: only a failing test waits this long. */
const untilMsMax = 10_000

/** Lets everything that is ready run: promises, and callbacks that need no time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Waits in real time until the condition holds. @throws when it still does not after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const end = performance.now() + untilMsMax
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Cannot go on: ${what} does not hold after ${untilMsMax} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
