import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isCapabilityError, type DurableQueue, type State } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import { FileQueue } from './file-queue.ts'
import { StateStore, storeBytesMax, type Lane } from './store.ts'

/** Queues of one instance, open or left on disk. */
const queuesMax = 64
/** What an untrusted component may keep: checkpoints, not data. */
const untrustedBytesMax = 16 * 2 ** 20

export interface StateCapability {
  readonly state: State
  close(): Promise<void>
}

/** Opens the durable state in `directory`: reading is synchronous afterwards. */
export async function openState(access: Access, directory: string, lane: Lane, warn: Warn): Promise<StateCapability> {
  const store = await StateStore.open(directory, lane)
  if (store.unreadable > 0)
    warn('state on disk was damaged: unreadable parts are set aside', { parts: store.unreadable })
  const bytesMax = access.trusted ? storeBytesMax : untrustedBytesMax
  const queuesDir = join(directory, 'queue')
  const queues = new Map<string, FileQueue>()
  const put = async (key: string, value: string | undefined) => {
    access.used('state')
    if (value !== undefined && store.wouldExceed(key, value, bytesMax)) {
      throw access.error('full', `Cannot set "${key}": the state would have more than ${bytesMax} bytes`)
    }
    await store.put(key, value).catch((error: unknown) => {
      throw access.error('io', `Cannot write state: ${(error as Error).message}`, error)
    })
  }
  const state: State = {
    get: (key) => store.get(key),
    keys: () => store.keys(),
    set: (key, value) => put(key, value),
    delete: (key) => put(key, undefined),
    async queue(name, options) {
      access.used('state')
      if (queues.has(name)) throw access.error('exists', `Cannot open the queue "${name}": it is open`)
      const kept = await readdir(queuesDir).catch((): string[] => [])
      if (!kept.includes(fileName(name)) && Math.max(queues.size, kept.length) >= queuesMax)
        throw access.error('full', `Cannot open the queue "${name}": there are ${queuesMax}`)
      const queue = await FileQueue.open(join(queuesDir, fileName(name)), lane, options).catch((error: unknown) => {
        throw access.error('io', `Cannot open the queue "${name}": ${(error as Error).message}`, error)
      })
      queues.set(name, queue)
      if (queue.unreadable > 0)
        warn('a queue on disk was damaged: unreadable parts are set aside', { queue: name, parts: queue.unreadable })
      return guarded(access, name, queue, () => queues.delete(name))
    },
  }
  return {
    state,
    close: async () => {
      await Promise.all([store.close(), ...[...queues.values()].map((queue) => queue.close())])
    },
  }
}

export type Warn = (message: string, fields: Readonly<Record<string, unknown>>) => void

function guarded(access: Access, name: string, queue: FileQueue, onClose: () => void): DurableQueue {
  const coded = <T>(running: Promise<T>): Promise<T> =>
    running.catch((error: unknown) => {
      if (isCapabilityError(error)) throw access.error(error.code, error.message)
      throw access.error('io', `Cannot use the queue "${name}": ${(error as Error).message}`, error)
    })
  return {
    append: (data, count) => coded(queue.append(data, count)),
    next: (signal) => coded(queue.next(signal)),
    acknowledge: (sequence) => queue.acknowledge(sequence),
    get pending() {
      return queue.pending
    },
    close: () => {
      onClose()
      return queue.close()
    },
  }
}

/** Any name as the name of a folder. */
function fileName(name: string): string {
  const encoded = encodeURIComponent(name)
  return encoded === '' || /^\.+$/.test(encoded) ? `%2E${encoded.slice(1)}` : encoded
}
