import { defineFunction, secret } from '@ingot/sdk'

export default defineFunction({
  name: 'sign',
  stability: 'generally-available',
  summary: 'Makes a secret of a secret.',
  parameters: { key: secret().describe('The key.') },
  result: secret().describe('What is made of it.'),
  examples: [{ args: ['key'], result: 'signed key' }],
  run: ({ key }) => `signed ${key.reveal()}`,
})
