import { z } from 'zod'
import type { Step } from '../step.ts'

export const outputStage = z.strictObject({
  source: z.string().min(1).describe('Extracted value that becomes the line.'),
})

export function compileOutput(args: z.output<typeof outputStage>): Step {
  return (entry) => {
    const line = entry.extractedText(args.source)
    if (line !== undefined) entry.replaceLine(line)
  }
}

export const decolorizeStage = z.strictObject({})

// ECMA-48 control sequences: CSI parameters, intermediates and a final byte.
const escape = String.fromCharCode(27)
const colors = new RegExp(`${escape}\\[[0-?]*[ -/]*[@-~]`, 'g')

export function compileDecolorize(): Step {
  return (entry) => {
    if (entry.line.includes(escape)) entry.replaceLine(entry.line.replace(colors, ''))
  }
}
