import type { Random } from '@ingot/sdk'
import type { Access } from '../access/access.ts'

export function createRandom(access: Access): Random {
  return {
    float() {
      access.used('random')
      return Math.random()
    },
  }
}
