import { Capsule, type ObjectValue } from '@ingot/syntax'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { evaluateGraph } from '../evaluate/evaluate-graph.ts'
import { expandText, globals } from '../testing/expand-text.ts'
import { drawDot } from './draw-dot.ts'
import { drawMermaid } from './draw-mermaid.ts'
import { drawSvg } from './draw-svg.ts'
import { pictureOf } from './picture.ts'

const testdata = join(import.meta.dirname, '../../testdata/draw')
const exported = { receiver: new Capsule('receiver', {}), value: 'text' } as unknown as ObjectValue

function picture() {
  const { graph } = expandText(readFileSync(join(testdata, 'pipeline.alloy'), 'utf8'))
  return pictureOf(evaluateGraph(graph, { exports: () => exported }, { globals }))
}

describe('a configuration with a custom component and a circle is drawn', () => {
  test.each([
    ['dot', drawDot],
    ['mmd', drawMermaid],
    ['svg', drawSvg],
  ] as const)('as %s', async (ending, draw) => {
    await expect(draw(picture())).toMatchFileSnapshot(join(testdata, `pipeline.${ending}`))
  })
})

test.each([drawDot, drawMermaid, drawSvg])('%o draws nothing of an empty configuration', (draw) => {
  expect(draw({ groups: [{ id: '', nodes: [], edges: [] }] })).not.toContain('undefined')
})
