import { defineComponent, duration, receivers } from '@ingot/sdk'
import { z } from 'zod'
import { greeting } from './greeting.ts'

export default defineComponent({
  name: 'hello',
  stability: 'experimental',
  summary: 'Greets at an interval.',
  arguments: z.strictObject({
    every: duration().prefault('1m').describe('Time between two greetings.'),
    name: z.string().describe('Who is greeted.'),
    forward_to: receivers('loki.logs').describe('Where greetings go.'),
  }),
  exports: z.object({ greeting: z.string().describe('The last greeting.') }),
  capabilities: { 'http.request': [{ why: 'Asks for the name of the day.', values: ['names.example:443'] }] },
  run({ args, setExports }) {
    setExports({ greeting: greeting(args.name) })
  },
})
