import type { Peers } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import type { Lane } from '../state/store.ts'
import { HashRing } from './hash-ring.ts'

/** Ownership among the instances of this process: the lanes are the members. Their number is fixed while it runs. */
export function createPeers(access: Access, lane: Lane): Peers {
  const ring = new HashRing(Array.from({ length: lane.count }, (_, index) => `lane-${index}`))
  const self = `lane-${lane.index}`
  return {
    lane,
    owns(key) {
      access.used('peers')
      return ring.owner(key) === self
    },
    onChange() {},
  }
}
