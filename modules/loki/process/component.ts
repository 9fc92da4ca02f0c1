import { defineComponent, delivered, receiver, receivers } from '@ingot/sdk'
import type { LogsBatch } from '@ingot/telemetry'
import { z } from 'zod'
import { Pipeline } from './pipeline.ts'
import { compileStages, stages } from './stages/index.ts'

export default defineComponent({
  name: 'loki.process',
  stability: 'generally-available',
  summary: 'Extracts values from log entries, and changes, labels or drops the entries.',
  docs: `The stages run in their order. What a stage extracts is seen by later ones; an entry's labels count as extracted
from the beginning. Entries that a stage drops are counted by reason; the others settle with their delivery.

Of Alloy's stages, \`cri\`, \`eventlogmessage\`, \`geoip\`, \`limit\`, \`luhn\`, \`metrics\`, \`multiline\`, \`pack\`, \`pattern\`,
\`replace\`, \`split_json\`, \`template\`, \`truncate\` and \`windowsevent\` are not available: a configuration that uses them is
rejected. \`stage.match\` blocks may stand in each other four deep.`,
  arguments: z.strictObject({
    forward_to: receivers('loki.logs').describe('Receivers of the processed entries.'),
    stage: stages,
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes the entries to process.') }),
  capabilities: {
    clock: [{ why: 'Compares the age of entries, and completes times that have no year.' }],
    random: [{ why: 'Samples entries.' }],
  },
  scaling: 'replicate',
  settles: 'with delivery',
  run({ args, env, ledger, receive, onUpdate }) {
    let current = args
    let pipeline = new Pipeline(compileStages(args.stage, env), env.text)
    onUpdate((next) => {
      pipeline = new Pipeline(compileStages(next.stage, env), env.text)
      current = next
    })
    const dropped = (reason: string) =>
      env.metrics.counter('loki_process_dropped_lines_total', 'Number of entries that stages have dropped.', { reason })
    receive('receiver', async (batch: LogsBatch) => {
      const { batch: processed, drops } = pipeline.run(batch)
      const outcome = processed.count === 0 ? delivered : await current.forward_to.emit(processed)
      if (outcome.status === 'refused') return outcome
      for (const [reason, count] of drops) {
        ledger.dropped(count, reason)
        dropped(reason).add(count)
      }
      return outcome
    })
  },
})
