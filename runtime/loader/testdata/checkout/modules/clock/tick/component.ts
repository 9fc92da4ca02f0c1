import { z } from 'zod'

export default {
  name: 'clock.tick',
  stability: 'experimental',
  summary: 'Ticks.',
  arguments: z.strictObject({ text: z.string().optional() }),
  run() {},
}
