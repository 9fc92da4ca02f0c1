import type { Validated } from '@ingot/check'
import { expect, test } from 'vitest'
import { cannotBypass } from './cannot-bypass.ts'
import type { ImportLoader } from './load-imports.ts'

const receiver = (...types: string[]) => ({ properties: { receiver: { ingot: { kind: 'receiver', types } } } })
const outputs = (...all: string[][]) => ({
  properties: Object.fromEntries(all.map((types, i) => [`to_${i}`, { ingot: { kind: 'receivers', types } }])),
})

function messages(component: object, onQuarantine = 'bypass'): readonly string[] {
  const block = { head: { start: 3, end: 9 } }
  const node = { kind: 'component', component: 'key', name: 'acme.pass', file: 'config.alloy', block }
  const validated = { graph: { nodes: new Map([['acme.pass.x', node]]) } } as unknown as Validated
  const loaded = {
    component: { tags: [], exports: receiver('loki.logs'), arguments: outputs(['loki.logs']), ...component },
  }
  const components = new Map([['key', { loaded, from: { onQuarantine } }]])
  return cannotBypass(validated, { components } as unknown as ImportLoader).map(({ message }) => message)
}

test('cannotBypass() lets a component be bypassed that has one output for what it takes, and a source', () => {
  expect(messages({})).toEqual([])
  expect(messages({ exports: {}, arguments: outputs(['loki.logs'], ['otel.logs']) })).toEqual([])
  expect(messages({ tags: ['redact'] }, 'drop')).toEqual([])
})

test.each([
  [{ tags: ['redact'] }, /it is tagged "redact"/],
  [{ arguments: {} }, /it has 0 outputs/],
  [{ arguments: outputs(['loki.logs'], ['loki.logs']) }, /it has 2 outputs/],
  [{ arguments: outputs(['otel.logs']) }, /it takes loki.logs, and its output sends otel.logs/],
])('cannotBypass() refuses %o', (component, message) => {
  expect(messages(component)).toEqual([expect.stringMatching(message)])
})
