import { defineComponent, receiver, receivers } from '@ingot/sdk'
import { z } from 'zod'
import { makeMasker, maskKinds } from './masker.ts'
import { maskLogs } from './mask-logs.ts'

export default defineComponent({
  name: 'pii',
  stability: 'generally-available',
  summary: 'Masks card numbers, e-mail addresses and bearer tokens in log lines.',
  docs: [
    'Every byte of what is found becomes `*`, so that lines keep their length. Structured metadata is masked as',
    'well; labels are not, because they come from the configuration. The component asks the host for nothing.',
  ].join('\n'),
  arguments: z.strictObject({
    forward_to: receivers('loki.logs').describe('Where masked entries go.'),
    mask: z
      .array(z.enum(maskKinds))
      .min(1)
      .default([...maskKinds])
      .describe('What is masked: `card_number` (13 to 19 digits with a valid check digit), `email`, `bearer_token`.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  scaling: 'replicate',
  tags: ['redact'],
  settles: 'with delivery',
  run({ args, env, receive }) {
    const masker = makeMasker(args.mask)
    receive('receiver', (batch) => args.forward_to.emit(maskLogs(batch, masker, env.text)))
  },
})
