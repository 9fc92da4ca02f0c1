import { defineComponent, receivers } from '@ingot/sdk'
import { z } from 'zod'
import { orders } from '../order-stream.ts'

export default defineComponent({
  name: 'made',
  stability: 'experimental',
  summary: 'Makes orders.',
  arguments: z.strictObject({ forward_to: receivers(orders.type).describe('Where orders go.') }),
  capabilities: { clock: [{ why: 'Makes orders at intervals.' }] },
  async run({ args, env, ledger, signal }) {
    for (let id = 1; !signal.aborted; id += 2) {
      const rows = [
        { id, total: 0.5 },
        { id: id + 1, total: 1.5 },
      ]
      ledger.created(rows.length)
      const outcome = await args.forward_to.emit(orders.batch(rows, env.text))
      if (outcome.status === 'refused') ledger.dropped(rows.length, 'refused')
      await env.clock.sleep(20, { signal }).catch(() => undefined)
    }
  },
})
