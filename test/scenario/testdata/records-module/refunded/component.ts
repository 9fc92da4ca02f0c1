import { defineComponent, delivered, receiver } from '@ingot/sdk'
import { z } from 'zod'
import { refunds } from '../order-stream.ts'

export default defineComponent({
  name: 'refunded',
  stability: 'experimental',
  summary: 'Takes a stream of the same name and another schema.',
  arguments: z.strictObject({}),
  exports: z.object({ receiver: receiver(refunds.type).describe('Takes refunds.') }),
  run({ receive }) {
    receive('receiver', async () => delivered)
  },
})
