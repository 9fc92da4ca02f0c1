import { defineFunction, targets } from '@ingot/sdk'
import { z } from 'zod'

export default defineFunction({
  name: 'relabel_all',
  stability: 'generally-available',
  summary: 'Gives targets more labels.',
  parameters: {
    targets: targets().describe('Targets.'),
    labels: z.record(z.string(), z.string()).default({ masked: 'yes' }).describe('Labels of all of them.'),
  },
  result: targets().describe('The targets with their labels.'),
  examples: [{ args: [[{ __address__: 'a:1' }]], result: [{ __address__: 'a:1', masked: 'yes' }] }],
  run: ({ targets: given, labels }) => given.map((target) => ({ ...target, ...labels })),
})
