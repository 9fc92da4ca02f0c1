import type { Clock } from '@ingot/sdk'

/** Resolves when `work` does, or after `ms`. `work` goes on by itself. */
export async function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  const done = new AbortController()
  const late = clock.sleep(ms, { signal: done.signal }).catch(() => {})
  await Promise.race([work, late])
  done.abort()
}
