import { defineFunction, rest } from '@ingot/sdk'
import { z } from 'zod'

export default defineFunction({
  name: 'endpoint',
  stability: 'generally-available',
  summary: 'The address of a shard.',
  parameters: {
    region: z.enum(['eu', 'us']).describe('Where it is.'),
    shard: z.int().min(1).default(1).describe('Which one.'),
    path: rest(z.string()).describe('Parts of the path.'),
  },
  result: z.string().describe('The URL.'),
  examples: [{ args: ['eu', 3, 'push'], result: 'http://eu-3.example/push' }],
  run({ region, shard, path }) {
    if (region === 'us' && shard > 4) throw new RangeError(`us has 4 shards, and no shard ${shard}`)
    return `http://${region}-${shard}.example/${path.join('/')}`
  },
})
