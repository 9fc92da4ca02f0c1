import { defineFunction, rest } from '@ingot/sdk'
import { z } from 'zod'

/** How many shards there are, by region. */
const shards: Readonly<Record<string, number>> = { eu: 8, us: 4 }

export default defineFunction({
  name: 'endpoint',
  stability: 'generally-available',
  summary: 'The address of the shard that a tenant is on.',
  parameters: {
    region: z.enum(['eu', 'us']).describe('Where the shard is.'),
    tenant: z.string().min(1).describe('Whose data it takes.'),
    path: rest(z.string()).describe('Parts of the path.'),
  },
  result: z.string().describe('The URL.'),
  // They are on the reference page, and the tests check them.
  examples: [
    { args: ['eu', 'acme'], result: 'https://eu-5.shards.example/' },
    { args: ['us', 'acme', 'loki', 'push'], result: 'https://us-1.shards.example/loki/push' },
  ],
  // The answer follows from the arguments alone: there is no env, the clock stands still, and answers are remembered.
  run({ region, tenant, path }) {
    return `https://${region}-${shardOf(tenant, shards[region] ?? 1)}.shards.example/${path.join('/')}`
  },
})

function shardOf(tenant: string, count: number) {
  let hash = 0
  for (const character of tenant) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return 1 + (hash % count)
}
