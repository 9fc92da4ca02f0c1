import type { Clock } from '@ingot/sdk'
import type { Access } from '../access/access.ts'

/** Longest wait that a timer of the host takes (2^31 - 1 ms); longer ones are slept in parts. */
const timerMsMax = 2_147_483_647

export function createClock(access: Access): Clock {
  return {
    now: () => performance.timeOrigin + performance.now(),
    monotonic: () => performance.now(),
    async sleep(ms, options) {
      access.used('clock')
      let left = Math.max(0, ms)
      do {
        const part = Math.min(left, timerMsMax)
        await wait(part, options?.signal, access)
        left -= part
      } while (left > 0)
    },
  }
}

function wait(ms: number, signal: AbortSignal | undefined, access: Access): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(access.error('aborted', 'Cannot go on sleeping: the signal fired'))
    }
    if (signal?.aborted) {
      reject(access.error('aborted', 'Cannot sleep: the signal has fired'))
      return
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
