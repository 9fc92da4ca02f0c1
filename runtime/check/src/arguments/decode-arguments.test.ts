import { makeOptionalSecret, type ObjectValue } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { checkText } from '../testing/check-text.ts'

const others = `
prometheus.remote_write "x" { }
prometheus.remote_write "y" { }
loki.write "x" { endpoint { url = "http://localhost" } }
local.file "token" { filename = "token" }
`
const live = {
  exports: (id: string): ObjectValue | undefined =>
    id === 'local.file.token' ? { content: makeOptionalSecret('s3cret', true) } : undefined,
}

function frameOf(id: string, text: string) {
  const { frames, printed } = checkText('case.alloy', text + others, { live })
  expect(printed).toBe('')
  return frames.get(id)
}

describe('decodeArguments()', () => {
  test('converts values as the language does and leaves out what is not given', () => {
    const { value } = frameOf(
      'prometheus.scrape.x',
      `prometheus.scrape "x" {
        targets         = [{ __address__ = "a", port = 9090 }]
        forward_to      = []
        scrape_interval = "10s"
        sample_limit    = "5"
        honor_labels    = null
        params          = { module = ["a", 1, 1.5] }
      }`,
    )!
    expect(value).toEqual({
      targets: [{ __address__: 'a', port: '9090' }],
      forward_to: null,
      scrape_interval: '10s',
      sample_limit: 5,
      params: { module: ['a', '1', '1.5'] },
    })
  })

  test('takes null for a required argument as the empty value of its type', () => {
    const { value, outputs } = frameOf(
      'prometheus.scrape.x',
      'prometheus.scrape "x" {\n targets = null\n forward_to = null\n }',
    )!
    expect(value).toEqual({ targets: [], forward_to: null })
    expect(outputs).toEqual([{ path: ['forward_to'], receivers: [] }])
  })

  test('names receivers by component, port and types, in nested blocks too', () => {
    const { value, outputs } = frameOf(
      'otelcol.processor.batch.x',
      `otelcol.processor.batch "x" { output { logs = [otelcol.processor.batch.y.input] } }
       otelcol.processor.batch "y" { output { } }`,
    )!
    expect(value).toEqual({ output: { logs: null } })
    const types = ['otel.metrics', 'otel.logs', 'otel.traces']
    expect(outputs).toEqual([
      { path: ['output', 'logs'], receivers: [{ component: 'otelcol.processor.batch.y', port: 'input', types }] },
    ])
  })

  test('keeps the order of the receivers in a list', () => {
    const { outputs } = frameOf(
      'prometheus.scrape.x',
      `prometheus.scrape "x" {
        targets    = []
        forward_to = [prometheus.remote_write.y.receiver, prometheus.remote_write.x.receiver]
      }`,
    )!
    expect(outputs[0]!.receivers.map(({ component }) => component)).toEqual([
      'prometheus.remote_write.y',
      'prometheus.remote_write.x',
    ])
  })

  test('says by path where secrets stand, and whether an optional secret is one', () => {
    const { value, secrets } = frameOf(
      'prometheus.remote_write.z',
      `prometheus.remote_write "z" {
        endpoint { url = "http://a" }
        endpoint {
          url          = "http://b"
          bearer_token = local.file.token.content
          headers      = { "X-Key" = "plain" }
        }
      }`,
    )!
    expect(value).toEqual({
      endpoint: [{ url: 'http://a' }, { url: 'http://b', bearer_token: 's3cret', headers: { 'X-Key': 'plain' } }],
    })
    expect(secrets).toEqual([
      ['endpoint', 1, 'bearer_token'],
      ['endpoint', 1, 'headers', 'X-Key'],
    ])
  })

  test('gives blocks of several names in the order of the source', () => {
    const { value } = frameOf(
      'loki.process.x',
      `loki.process "x" {
        forward_to = [loki.write.x.receiver]
        stage.regex { expression = "a" }
        stage.json { expressions = { level = "lvl" } }
        stage.regex { expression = "b" }
      }`,
    )!
    expect(value['stage']).toEqual([
      { name: 'regex', value: { expression: 'a' } },
      { name: 'json', value: { expressions: { level: 'lvl' } } },
      { name: 'regex', value: { expression: 'b' } },
    ])
  })

  test('gives plain data where anything goes', () => {
    const { value, secrets } = frameOf(
      'test.any.x',
      'test.any "x" { any = { a = [1, 2.5, null, true], b = { c = local.file.token.content } } }',
    )!
    expect(value).toEqual({ any: { a: [1, 2.5, null, true], b: { c: 's3cret' } } })
    expect(secrets).toEqual([['any', 'b', 'c']])
  })

  test('prefers the alternative of a union that needs no conversion', () => {
    const { value } = frameOf('test.any.x', 'test.any "x" { union = 5 }')!
    expect(value).toEqual({ union: 5 })
    expect(frameOf('test.any.y', 'test.any "y" { auth = { user = "me" } }')!.value).toEqual({ auth: { user: 'me' } })
  })

  test('does not take __proto__ for anything but a key', () => {
    const text = 'prometheus.remote_write "z" { external_labels = { __proto__ = "a" } }'
    const { value } = frameOf('prometheus.remote_write.z', text)!
    expect(Object.entries(value['external_labels'] as object)).toEqual([['__proto__', 'a']])
  })

  test('never prints a secret that has the wrong type', () => {
    const text =
      'prometheus.scrape "x" {\n targets = []\n forward_to = []\n scrape_interval = local.file.token.content\n }'
    const { printed } = checkText('case.alloy', text + others, { live })
    expect(printed).toContain('secrets may not be converted into strings')
    expect(printed).not.toContain('s3cret')
  })
})
