import { z } from 'zod'
import { sequence, type Step, type StepWorld } from '../step.ts'
import { compileJson } from './json.ts'
import { compileLabels } from './labels.ts'
import { compileOutput } from './output.ts'
import { compileTimestamp, timestampStage } from './timestamp.ts'

export const dockerStage = z.strictObject({})

/** The stages that Alloy's `stage.docker` stands for. */
export function compileDocker(_: z.output<typeof dockerStage>, world: StepWorld): Step {
  return sequence([
    compileJson({
      expressions: { output: 'log', stream: 'stream', timestamp: 'time' },
      source: '',
      drop_malformed: false,
    }),
    compileLabels({ values: { stream: 'stream' }, source_type: 'extracted' }),
    compileTimestamp(timestampStage.parse({ source: 'timestamp', format: 'RFC3339' }), world),
    compileOutput({ source: 'output' }),
  ])
}
