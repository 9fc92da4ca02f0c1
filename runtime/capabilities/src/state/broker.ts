import { join } from 'node:path'
import type { State } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import { StateStore, storeBytesMax, type Lane } from './store.ts'

export interface StateCapability {
  readonly state: State
  close(): Promise<void>
}

/** Opens the durable state in `directory`: reading is synchronous afterwards. */
export async function openState(access: Access, directory: string, lane: Lane): Promise<StateCapability> {
  const store = await StateStore.open(directory, lane)
  const put = async (key: string, value: string | undefined) => {
    access.used('state')
    if (value !== undefined && store.wouldExceed(key, value)) {
      throw access.error('full', `Cannot set "${key}": the state would have more than ${storeBytesMax} bytes`)
    }
    try {
      await store.put(key, value)
    } catch (error) {
      throw access.error('io', `Cannot write state: ${(error as Error).message}`, error)
    }
  }
  const state: State = {
    get: (key) => store.get(key),
    keys: () => store.keys(),
    set: (key, value) => put(key, value),
    delete: (key) => put(key, undefined),
    queue: () => Promise.reject(access.error('invalid', `Cannot open a queue in ${join(directory, 'queue')}`)),
  }
  return { state, close: () => store.close() }
}
