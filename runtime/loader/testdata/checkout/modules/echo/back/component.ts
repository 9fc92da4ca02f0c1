import { z } from 'zod'

export default {
  name: 'echo.back',
  stability: 'experimental',
  summary: 'Echoes.',
  arguments: z.strictObject({ text: z.string().optional() }),
  run() {},
}
