import { defineComponent, delivered, receiver } from '@ingot/sdk'
import { z } from 'zod'
import { orders } from '../order-stream.ts'

export default defineComponent({
  name: 'summed',
  stability: 'experimental',
  summary: 'Sums orders.',
  arguments: z.strictObject({}),
  exports: z.object({ receiver: receiver(orders.type).describe('Takes orders.') }),
  run({ env, ledger, receive }) {
    const total = env.metrics.counter('orders_sum', 'Sum of all orders.')
    receive('receiver', async (batch) => {
      for (const order of orders.rows(batch, env.text)) total.add(order.total)
      ledger.sent(batch.count)
      return delivered
    })
  },
})
