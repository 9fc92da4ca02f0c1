import type { SelfMetrics } from '@ingot/sdk'
import type { Access } from '../access/access.ts'

export function createSelfMetrics(access: Access, scrape: () => Promise<Uint8Array>): SelfMetrics {
  return {
    async scrape() {
      access.used('self.metrics')
      return scrape()
    },
  }
}
