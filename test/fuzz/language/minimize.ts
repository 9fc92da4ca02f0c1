/** For one minimum: an input that hangs takes seconds each time that it is tried. */
const durationMsMax = 120_000

/** A short part of a failing input that fails still. */
export async function minimize<T extends string | Uint8Array>(
  input: T,
  fails: (shorter: T) => Promise<boolean>,
): Promise<T> {
  let least = input
  const end = performance.now() + durationMsMax
  for (let size = Math.ceil(least.length / 2); size >= 1;) {
    let shortened = false
    for (let at = 0; at < least.length && performance.now() < end;) {
      const shorter = without(least, at, at + size)
      if (await fails(shorter)) {
        least = shorter
        shortened = true
      } else at += size
    }
    if (performance.now() >= end) return least
    if (!shortened) size = size === 1 ? 0 : Math.ceil(size / 2)
    else size = Math.min(size, Math.max(1, Math.ceil(least.length / 2)))
  }
  return least
}

function without<T extends string | Uint8Array>(input: T, from: number, to: number): T {
  if (typeof input === 'string') return (input.slice(0, from) + input.slice(to)) as T
  return Uint8Array.from([...input.slice(0, from), ...input.slice(to)]) as T
}
