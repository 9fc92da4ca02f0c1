import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'lookup',
  stability: 'generally-available',
  summary: 'Passes entries on, and could ask a web server about them.',
  arguments: z.strictObject({ forward_to: receivers('loki.logs').describe('Where entries go.') }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  capabilities: { 'http.request': [{ why: 'Looks addresses up.', values: ['https://api.acme.example'] }] },
  settles: 'with delivery',
  run({ args, receive }) {
    receive('receiver', (batch) => args.forward_to.emit(batch))
  },
})
