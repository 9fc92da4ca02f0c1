import { Secret } from '@ingot/sdk'
import type { ArgumentsFrame as SdkFrame } from '@ingot/sdk/host'
import { makeOptionalSecret, type ObjectValue } from '@ingot/syntax'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemas } from '../../testdata/manifests.ts'
import { checkText } from '../testing/check-text.ts'

const others = `
prometheus.remote_write "other" { }
discovery.relabel "other" { targets = [] }
local.file "token" { filename = "token" }
`
const live = {
  exports: (id: string): ObjectValue | undefined =>
    id === 'local.file.token' ? { content: makeOptionalSecret('s3cret', true) } : undefined,
}

const words = ['', 'a', '5', '-1', '1.5', '10s', '1MiB', 'http', 'replace', '(?', '__proto__']
const leaf = fc.oneof(
  fc.constantFrom('null', 'true', 'false', 'sys.env', 'local.file.token.content', 'discovery.relabel.other.output'),
  fc.constantFrom(
    'prometheus.remote_write.other.receiver',
    'discovery.relabel.other.rules',
    '9007199254740993',
    '1e300',
  ),
  fc.integer({ min: -2, max: 5 }).map(String),
  fc.constantFrom('0.5', '2.5', '-0.5'),
  fc.constantFrom(...words).map((word) => JSON.stringify(word)),
)
const names = ['user', 'username', 'a', 'b', 'url', '__address__', '__proto__']
const { expression } = fc.letrec<{ readonly expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(fc.constantFrom(...names), tie('expression')), { maxLength: 3 })
      .map((fields) => `{ ${fields.map(([name, value]) => `${name} = ${value}`).join(', ')} }`),
  ),
}))

const bodies: Readonly<Record<string, readonly string[]>> = {
  'prometheus.scrape': ['scrape_interval', 'honor_labels', 'sample_limit', 'scheme', 'params'],
  'prometheus.remote_write': ['external_labels', 'max_size'],
  'test.any': ['any', 'union', 'auth', 'nullable', 'nested', 'ratio'],
}
const component = fc.constantFrom(...Object.keys(bodies)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    attributes: fc.dictionary(fc.constantFrom(...bodies[name]!), expression, { noNullPrototype: true }),
    targets: fc.oneof(fc.constant('[{ a = "b" }]'), expression),
    receivers: fc.oneof(fc.constant('[prometheus.remote_write.other.receiver]'), expression),
  }),
)

test('what decodeArguments() accepts, the component accepts too', () => {
  let accepted = 0
  fc.assert(
    fc.property(component, ({ name, attributes, targets, receivers }) => {
      const all: Record<string, string> = { ...attributes }
      if (name === 'prometheus.scrape') Object.assign(all, { targets, forward_to: receivers })
      const lines = Object.entries(all).map(([key, value]) => `  ${key} = ${value}`)
      const { frames, all: diagnostics } = checkText('x.alloy', `${name} "x" {\n${lines.join('\n')}\n}\n${others}`, {
        live,
      })
      const frame = frames.get(`${name}.x`)
      if (!frame) return
      expect(diagnostics).toEqual([])
      accepted++
      const parsed = schemas[name]!.arguments.safeParse(bound(frame))
      expect(parsed.error?.issues).toBeUndefined()
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(25)
})

/** As the room that runs a component does: secrets and outputs take their places. */
function bound(frame: SdkFrame): unknown {
  const value = structuredClone(frame.value)
  const put = (path: readonly (string | number)[], make: (old: unknown) => unknown) => {
    let parent = value as Record<string | number, unknown>
    for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
    parent[path.at(-1)!] = make(parent[path.at(-1)!])
  }
  for (const path of frame.secrets) put(path, (text) => new Secret(String(text)))
  for (const { path } of frame.outputs) put(path, () => ({ emit: () => undefined }))
  return value
}
