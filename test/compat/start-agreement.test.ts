import { blockKinds, decodeArguments, type SchemaReader, schemaReader, type Shape } from '@ingot/check'
import type { EvaluatedBlock } from '@ingot/graph'
import type { ComponentDefinition } from '@ingot/sdk'
import { makeSecret, type Value } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import relabel from '../../modules/discovery/relabel/component.ts'
import process from '../../modules/loki/process/component.ts'
import sourceFile from '../../modules/loki/source.file/component.ts'
import lokiWrite from '../../modules/loki/write/component.ts'
import otlp from '../../modules/otelcol/exporter.otlp/component.ts'
import otlphttp from '../../modules/otelcol/exporter.otlphttp/component.ts'
import batch from '../../modules/otelcol/processor.batch/component.ts'
import receiver from '../../modules/otelcol/receiver.otlp/component.ts'
import unix from '../../modules/prometheus/exporter.unix/component.ts'
import remoteWrite from '../../modules/prometheus/remote_write/component.ts'
import scrape from '../../modules/prometheus/scrape/component.ts'

type Plain = Readonly<Record<string, unknown>>

const url = 'http://host.example/push'
const rule = (fields: Plain): Plain => ({ targets: [], rule: [fields] })
const endpoint = (fields: Plain): Plain => ({ endpoint: [{ url, ...fields }] })
const stage = (name: string, value: Plain): Plain => ({ stage: [{ name, value }] })
const scraped = (fields: Plain): Plain => ({ targets: [], ...fields })
const client = (fields: Plain): Plain => ({ client: { endpoint: 'host:4317', ...fields } })

/** Arguments, and whether a component takes them. */
const cases: readonly (readonly [unknown, boolean, Plain])[] = [
  [relabel, true, rule({ target_label: 'a' })],
  [relabel, false, rule({})],
  [relabel, true, rule({ action: 'keep', regex: '(a|b)' })],
  [relabel, false, rule({ action: 'keep', regex: '(a|b' })],
  [relabel, false, rule({ action: 'keep', regex: 'a(?!b)' })],
  [relabel, false, rule({ action: 'nothing' })],
  [relabel, true, rule({ action: 'hashmod', modulus: 2, target_label: 'a' })],
  [relabel, false, rule({ action: 'hashmod', modulus: 0, target_label: 'a' })],
  [relabel, true, rule({ action: 'labeldrop', regex: 'a', separator: ';' })],
  [relabel, false, rule({ action: 'labeldrop', regex: 'a', separator: ',' })],
  [relabel, false, rule({ action: 'dropequal', source_labels: ['a'], target_label: 'b', replacement: 'c' })],
  [relabel, false, rule({ target_label: 'a-b' })],
  [relabel, true, rule({ target_label: 'a_${1}', replacement: '$1_x' })],
  [remoteWrite, true, endpoint({ proxy_url: '', bearer_token: 't' })],
  [remoteWrite, false, { endpoint: [{ url: 'host:80' }] }],
  [remoteWrite, false, endpoint({ proxy_url: 'host:80' })],
  [remoteWrite, false, endpoint({ sigv4: {} })],
  [remoteWrite, true, endpoint({ send_native_histograms: false })],
  [remoteWrite, false, endpoint({ send_native_histograms: true })],
  [remoteWrite, false, endpoint({ protobuf_message: 'io.prometheus.write.v2.Request' })],
  [remoteWrite, false, endpoint({ bearer_token: 't', bearer_token_file: 'f' })],
  [remoteWrite, false, endpoint({ basic_auth: {}, authorization: {} })],
  [remoteWrite, false, endpoint({ queue_config: { min_shards: 2, max_shards: 1 } })],
  [remoteWrite, false, endpoint({ queue_config: { min_backoff: '1m' } })],
  [remoteWrite, false, { endpoint: ['a', 'a'].map((name) => ({ url, name })) }],
  [remoteWrite, true, { endpoint: ['a', 'b'].map((name) => ({ url, name })) }],
  [lokiWrite, false, { endpoint: [{ url: 'ftp://host' }] }],
  [lokiWrite, false, endpoint({ tls_config: { cert_file: 'c' } })],
  [lokiWrite, true, endpoint({ tls_config: { cert_file: 'c', key_file: 'k' } })],
  [lokiWrite, false, endpoint({ tls_config: { ca_file: 'c', ca_pem: 'k' } })],
  [lokiWrite, false, endpoint({ oauth2: { client_id: 'a', client_secret: 's' } })],
  [lokiWrite, true, endpoint({ oauth2: { client_id: 'a', client_secret: 's', token_url: url } })],
  [lokiWrite, false, endpoint({ proxy_from_environment: true, proxy_url: url })],
  [lokiWrite, false, endpoint({ no_proxy: 'a' })],
  [lokiWrite, false, endpoint({ proxy_connect_header: { a: ['b'] } })],
  [lokiWrite, true, endpoint({ proxy_connect_header: {} })],
  [lokiWrite, false, endpoint({ batch_wait: '1d' })],
  [lokiWrite, false, endpoint({ batch_size: '1024' })],
  [scrape, true, scraped({ scrape_interval: '1m', scrape_timeout: '60s' })],
  [scrape, false, scraped({ scrape_interval: '5s' })],
  [scrape, false, scraped({ scrape_interval: '0s', scrape_timeout: '0s' })],
  [scrape, false, scraped({ scrape_native_histograms: true })],
  [scrape, true, scraped({ scrape_native_histograms: false, native_histogram_bucket_limit: 0 })],
  [scrape, false, scraped({ native_histogram_bucket_limit: 1 })],
  [sourceFile, false, { targets: [], file_watch: { min_poll_frequency: '1s', max_poll_frequency: '10ms' } }],
  [sourceFile, false, { targets: [], decompression: { enabled: true, format: 'bz2' } }],
  [sourceFile, true, { targets: [], decompression: { enabled: true, format: 'gz' } }],
  [unix, false, { enable_collectors: ['systemd'] }],
  [unix, true, { enable_collectors: ['cpu'], systemd: { task_metrics: false } }],
  [unix, false, { systemd: { task_metrics: true } }],
  [unix, false, { netdev: { device_include: 'a', device_exclude: 'b' } }],
  [unix, false, { filesystem: { mount_points_exclude: '(?=x)' } }],
  [process, true, stage('match', { selector: '{a="b"} |~ "c"', action: 'drop' })],
  [process, false, stage('match', { selector: '{a="b"} | json', action: 'drop' })],
  [process, false, stage('match', { selector: '{a="b"}' })],
  [process, false, stage('match', { selector: '{a="b"}', action: 'drop', ...stage('decolorize', {}) })],
  [process, false, stage('drop', {})],
  [process, false, stage('drop', { value: 'a' })],
  [process, false, stage('drop', { source: 'a', value: 'a', expression: 'b' })],
  [process, false, stage('drop', { expression: 'b(' })],
  [process, true, stage('drop', { older_than: '24h', longer_than: '8KB' })],
  [process, false, stage('tenant', {})],
  [process, false, stage('tenant', { label: 'a', source: 'b' })],
  [process, false, stage('static_labels', { values: { 'a-b': 'c' } })],
  [process, false, stage('timestamp', { source: 'a', format: 'RFC3339', location: 'Nowhere' })],
  [process, false, stage('structured_metadata', { regex: 'a' })],
  [process, false, stage('timestamp', { source: 'a', format: '' })],
  [process, true, stage('timestamp', { source: 'a', format: 'UnixMs' })],
  [process, false, stage('regex', { expression: '\\Z' })],
  [batch, false, { output: {}, send_batch_size: 5, send_batch_max_size: 4 }],
  [batch, true, { output: {}, send_batch_size: 5, send_batch_max_size: 0 }],
  [batch, false, { output: {}, metadata_keys: ['A', 'a'] }],
  [otlp, false, client({ tls: { tpm: {} } })],
  [otlp, false, client({ tls: { max_version: 'TLS 1.2' } })],
  [otlp, true, client({ tls: { max_version: 'TLS 1.3', reload_interval: '0s' } })],
  [otlp, false, client({ tls: { cert_file: 'a' } })],
  [otlp, false, client({ write_buffer_size: '1KiB' })],
  [otlp, true, client({ write_buffer_size: '512KB' })],
  [otlphttp, false, { client: { endpoint: url }, sending_queue: { batch: { min_size: 2, max_size: 1 } } }],
  [receiver, false, { output: {}, grpc: { tls: {} } }],
  [receiver, false, { output: {}, grpc: { tls: { cert_file: 'a' } } }],
  [receiver, true, { output: {}, grpc: { tls: { cert_file: 'a', key_file: 'b' } } }],
]

describe('the checker and the component agree:', () => {
  const named = cases.map(([component, taken, args]) => {
    const definition = component as ComponentDefinition
    return [definition.name, args, taken, definition] as const
  })
  test.each(named)('%s %j: %s', (name, args, taken, definition) => {
    const converted = z.toJSONSchema(definition.arguments, { io: 'input', unrepresentable: 'any', reused: 'inline' })
    const schema = JSON.parse(JSON.stringify(converted)) as Plain
    const reader = schemaReader(schema)
    const { diagnostics } = decodeArguments(schema, blockOf(reader, reader.root(), name, args))
    const outputs = reader.root().properties.has('forward_to') ? { forward_to: { emit: () => undefined } } : {}
    const parsed = definition.arguments.safeParse({ ...outputs, ...args })
    const found = diagnostics.filter(({ message }) => !message.includes('"forward_to" is missing'))
    expect({ checker: found.map(({ message }) => message), component: parsed.error?.issues ?? [] }).toEqual({
      checker: taken ? [] : expect.arrayContaining([expect.anything()]),
      component: taken ? [] : expect.arrayContaining([expect.anything()]),
    })
  })
})

const span = { start: 0, end: 0 }
const expression = { kind: 'literal', value: null, raw: 'null', span } as const

/** A block of a configuration with these arguments. */
function blockOf(reader: SchemaReader, shape: Shape, name: string, args: Plain): EvaluatedBlock {
  const attributes: EvaluatedBlock['attributes'][number][] = []
  const blocks: EvaluatedBlock[] = []
  for (const [key, value] of Object.entries(args)) {
    const property = reader.shape(shape.properties.get(key)!)
    const kind = blockKinds.find((each) => each === property.mark?.kind)
    if (kind === 'block') blocks.push(blockOf(reader, property, key, value as Plain))
    else if (kind === 'blocks') {
      const inner = reader.shape(property.items!)
      for (const each of value as Plain[]) blocks.push(blockOf(reader, inner, key, each))
    } else if (kind === 'enum_blocks') {
      for (const each of value as { name: string; value: Plain }[]) {
        const inner = reader.shape(property.items!).alternatives.find((alternative) => {
          const named = reader.shape(alternative).properties.get('name')!
          return named['const'] === each.name
        })!
        const body = reader.shape(reader.shape(inner).properties.get('value')!)
        blocks.push(blockOf(reader, body, `${key}.${each.name}`, each.value))
      }
    } else {
      const given = property.mark?.kind === 'secret' ? makeSecret(String(value)) : valueOf(value)
      attributes.push({ name: key, nameSpan: span, expression, value: given, provisional: false })
    }
  }
  return { name, label: undefined, file: 'x.alloy', head: span, attributes, blocks }
}

function valueOf(plain: unknown): Value {
  if (typeof plain === 'number') return BigInt(plain)
  if (Array.isArray(plain)) return plain.map(valueOf)
  if (typeof plain !== 'object' || plain === null) return plain as Value
  return Object.fromEntries(Object.entries(plain).map(([key, each]) => [key, valueOf(each)]))
}
