import { parseSelector, selector, withRules } from '@ingot/kits'
import { enumBlocks } from '@ingot/sdk'
import { z } from 'zod'
import { sequence, type Step, type StepWorld } from '../step.ts'
import { compileDocker, dockerStage } from './docker.ts'
import { compileDrop, compileSampling, dropStage, samplingStage } from './drop.ts'
import { compileJson, jsonStage } from './json.ts'
import {
  compileLabelDrop,
  compileLabelKeep,
  compileLabels,
  compileMetadata,
  compileMetadataDrop,
  compileStaticLabels,
  compileTenant,
  labelListStage,
  labelsStage,
  metadataStage,
  staticLabelsStage,
  tenantStage,
} from './labels.ts'
import { compileLogfmt, logfmtStage } from './logfmt.ts'
import { compileDecolorize, compileOutput, decolorizeStage, outputStage } from './output.ts'
import { compileRegexStage, regexStage } from './regex.ts'
import { compileTimestamp, timestampStage } from './timestamp.ts'

/** How deep `stage.match` blocks may stand in each other. */
const matchDepthMax = 4

const leafStages = {
  decolorize: decolorizeStage.describe('Removes ANSI colour sequences from the line.'),
  docker: dockerStage.describe('Takes line, stream and time from a line of the json-file driver of Docker.'),
  drop: dropStage.describe('Drops entries for which all given conditions hold.'),
  json: jsonStage.describe('Extracts values from JSON.'),
  label_drop: labelListStage.describe('Removes labels.'),
  label_keep: labelListStage.describe('Removes all other labels.'),
  labels: labelsStage.describe('Makes extracted values labels.'),
  logfmt: logfmtStage.describe('Extracts values from logfmt.'),
  output: outputStage.describe('Makes an extracted value the line.'),
  regex: regexStage.describe('Extracts values with a regular expression.'),
  sampling: samplingStage.describe('Keeps a random share of the entries.'),
  static_labels: staticLabelsStage.describe('Sets labels to fixed values.'),
  structured_metadata: metadataStage.describe('Makes extracted values structured metadata.'),
  structured_metadata_drop: labelListStage.describe('Removes structured metadata.'),
  tenant: tenantStage.describe('Sets the tenant of entries.'),
  timestamp: timestampStage.describe('Takes the time of entries from an extracted value.'),
}

function matchStage<S extends z.ZodType>(stage: S) {
  return withRules(
    z.strictObject({
      selector: selector().describe('LogQL stream selector with line filters.'),
      action: z
        .enum(['keep', 'drop'])
        .default('keep')
        .describe('Whether matching entries go through the nested stages or are dropped.'),
      drop_counter_reason: z
        .string()
        .default('match_stage')
        .describe('Reason under which dropped entries are counted.'),
      pipeline_name: z.string().default('').describe('Accepted for compatibility: names the nested stages.'),
      stage,
    }),
    { rule: 'excludes', when: { action: ['drop'] }, of: ['stage'] },
    { rule: 'requires', when: { action: ['keep'] }, of: ['stage'] },
  )
}

/** One stage block as the schema gives it. */
export interface StageBlock {
  readonly name: string
  readonly value: unknown
}

function stagesAt(depth: number): z.ZodType<StageBlock[]> {
  if (depth === 0) return enumBlocks(leafStages) as unknown as z.ZodType<StageBlock[]>
  const nested = stagesAt(depth - 1)
    .default([])
    .describe('What is done with matching entries, in order.')
  const match = matchStage(nested).describe('Applies stages to entries that a selector matches, or drops them.')
  return enumBlocks({ ...leafStages, match }) as unknown as z.ZodType<StageBlock[]>
}

/** The `stage.*` blocks of `loki.process`. */
export const stages = stagesAt(matchDepthMax).default([]).describe('What is done with each entry, in order.')

type LeafArgs<N extends keyof typeof leafStages> = z.output<(typeof leafStages)[N]>
type Compile<N extends keyof typeof leafStages> = (args: LeafArgs<N>, world: StepWorld) => Step
const compilers: { readonly [N in keyof typeof leafStages]: Compile<N> } = {
  decolorize: compileDecolorize,
  docker: compileDocker,
  drop: compileDrop,
  json: compileJson,
  label_drop: compileLabelDrop,
  label_keep: compileLabelKeep,
  labels: compileLabels,
  logfmt: compileLogfmt,
  output: compileOutput,
  regex: compileRegexStage,
  sampling: compileSampling,
  static_labels: compileStaticLabels,
  structured_metadata: compileMetadata,
  structured_metadata_drop: compileMetadataDrop,
  tenant: compileTenant,
  timestamp: compileTimestamp,
}

/** All stages as one function. @throws when an expression, format or selector in them cannot be compiled. */
export function compileStages(blocks: readonly StageBlock[], world: StepWorld): Step {
  return sequence(
    blocks.map(({ name, value }) => {
      if (name === 'match') return compileMatch(value as MatchArgs, world)
      return (compilers as Record<string, (args: unknown, world: StepWorld) => Step>)[name]!(value, world)
    }),
  )
}

interface MatchArgs {
  readonly selector: string
  readonly action: 'keep' | 'drop'
  readonly drop_counter_reason: string
  readonly stage: readonly StageBlock[]
}

function compileMatch(args: MatchArgs, world: StepWorld): Step {
  const { matchesLabels, lineFilters } = parseSelector(args.selector)
  const nested = compileStages(args.stage, world)
  return (entry) => {
    if (!matchesLabels(entry.labels)) return
    for (const matches of lineFilters) if (!matches(entry.line)) return
    if (args.action === 'drop') entry.dropReason = args.drop_counter_reason
    else nested(entry)
  }
}
