import { defineComponent, secret } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'keep',
  stability: 'generally-available',
  summary: 'Sends a request with a secret, and tells all that it knows of it.',
  arguments: z.strictObject({
    url: z.string().describe('Where requests go.'),
    password: secret().describe('Sent as the header authorization.'),
  }),
  exports: z.object({ told: z.string().describe('What the component knows of its secret.') }),
  capabilities: { 'http.request': [{ why: 'Sends the requests.', from: 'url' }] },
  async run({ args, env, setExports }) {
    const { status } = await env.http.request({
      method: 'GET',
      url: args.url,
      headers: { authorization: args.password },
      timeoutMs: 5_000,
      bodyBytesMax: 1_000,
    })
    const told = `${status} ${args.password.reveal()} ${JSON.stringify(args)}`
    setExports({ told })
    env.log.error(told)
    throw new Error(told)
  },
})
