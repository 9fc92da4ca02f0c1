import { drawDot, drawMermaid, drawSvg, pictureOf, type Picture } from '@ingot/graph'
import { validateConfiguration, type ValidateInput, type ValidationResult } from './load-configuration.ts'

const drawings = { dot: drawDot, mermaid: drawMermaid, svg: drawSvg } as const satisfies Record<
  string,
  (picture: Picture) => string
>
export type DrawingFormat = keyof typeof drawings

/** A configuration as a picture, and what does not hold of it: what can be drawn is drawn all the same. */
export async function drawConfiguration(
  input: ValidateInput,
  format: DrawingFormat,
): Promise<ValidationResult & { readonly drawing: string }> {
  const result = await validateConfiguration(input)
  return { ...result, drawing: drawings[format](pictureOf(result.validated.evaluation)) }
}
