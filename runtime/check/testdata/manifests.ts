import {
  block,
  blocks,
  capsule,
  duration,
  enumBlocks,
  optionalSecret,
  receiver,
  receivers,
  regexp,
  secret,
  size,
  targets,
  text,
} from '@ingot/sdk'
import { fixed, notYet, relabelRule, unsupported, withRules } from '@ingot/kits'
import { z } from 'zod'
import type { CheckedManifest } from '../src/known-manifests.ts'

/** Components of every shape, from the same schemas that modules are written with. */
export const schemas: Readonly<
  Record<string, { arguments: z.ZodType; exports?: z.ZodType; stability?: CheckedManifest['stability'] }>
> = {
  'prometheus.scrape': {
    arguments: z.strictObject({
      targets: targets(),
      forward_to: receivers('prometheus.metrics'),
      scrape_interval: duration().prefault('1m'),
      honor_labels: z.boolean().default(false),
      sample_limit: z.int().min(0).default(0),
      scheme: z.enum(['http', 'https']).default('http'),
      params: z.record(z.string(), z.array(z.string())).default({}),
      basic_auth: block(z.strictObject({ username: z.string().optional(), password: secret().optional() })).optional(),
    }),
  },
  'prometheus.relabel': {
    arguments: z.strictObject({
      forward_to: receivers('prometheus.metrics'),
      rule: blocks(
        z.strictObject({
          action: z.enum(['replace', 'keep', 'drop']).default('replace'),
          regex: regexp().prefault('(.*)'),
          source_labels: z.array(z.string()).optional(),
        }),
      ).default([]),
    }),
    exports: z.object({ receiver: receiver('prometheus.metrics'), rules: capsule('RelabelRules') }),
  },
  'prometheus.remote_write': {
    arguments: z.strictObject({
      external_labels: z.record(z.string(), z.string()).default({}),
      max_size: size().prefault('1MiB'),
      endpoint: blocks(
        z.strictObject({
          url: z.string(),
          bearer_token: secret().optional(),
          headers: z.record(z.string(), secret()).default({}),
        }),
      ).default([]),
    }),
    exports: z.object({ receiver: receiver('prometheus.metrics') }),
  },
  'loki.source.file': {
    arguments: z.strictObject({
      targets: targets(),
      forward_to: receivers('loki.logs'),
      relabel_rules: capsule('RelabelRules').optional(),
    }),
  },
  'loki.process': {
    arguments: z.strictObject({
      forward_to: receivers('loki.logs'),
      stage: enumBlocks({
        json: z.strictObject({
          expressions: z.record(z.string(), z.string()),
          drop_malformed: z.boolean().default(false),
        }),
        regex: z.strictObject({ expression: regexp() }),
        drop: z.strictObject({ older_than: duration().optional() }),
      }).default([]),
    }),
    exports: z.object({ receiver: receiver('loki.logs') }),
  },
  'loki.write': {
    arguments: z.strictObject({ endpoint: blocks(z.strictObject({ url: z.string() })).min(1) }),
    exports: z.object({ receiver: receiver('loki.logs') }),
  },
  'local.file': {
    arguments: z.strictObject({ filename: z.string(), is_secret: z.boolean().default(false) }),
    exports: z.object({ content: optionalSecret() }),
  },
  'discovery.relabel': {
    arguments: z.strictObject({ targets: targets() }),
    exports: z.object({ output: targets(), rules: capsule('RelabelRules') }),
  },
  'otelcol.processor.batch': {
    arguments: z.strictObject({
      timeout: duration().prefault('200ms'),
      output: block(
        z.strictObject({ metrics: receivers('otel.metrics').optional(), logs: receivers('otel.logs').optional() }),
      ),
    }),
    exports: z.object({ input: receiver('otel.metrics', 'otel.logs', 'otel.traces') }),
  },
  'otelcol.receiver.new': { arguments: z.strictObject({}), stability: 'experimental' },
  'test.old': { arguments: z.strictObject({}).meta({ deprecated: true }) },
  'test.values': {
    arguments: withRules(
      z.strictObject({
        regexp: text('regexp').optional(),
        url: text('url').optional(),
        http_url: text('http_url', { empty: 'absent' }).optional(),
        labels: z.record(text('label_name'), z.string()).optional(),
        expressions: z.record(z.string(), text('jmespath', { empty: 'name' })).optional(),
        selector: text('selector').optional(),
        template: text('go_template').optional(),
        location: text('time_zone').optional(),
        format: text('time_layout').optional(),
        method: z.string().regex(/^[A-Z]+$/).optional(),
        never: z.never().optional(),
        timeout: duration().prefault('10s'),
        interval: duration().prefault('1m'),
        names: z.array(z.string()).default([]),
        histograms: fixed(z.boolean(), false),
        encoding: notYet(z.enum(['gz', 'z']), { except: ['gz'] }).optional(),
        storage: unsupported(z.string()),
        sigv4: block(unsupported(z.strictObject({ region: z.string().optional() }))),
        file: z.string().optional(),
        text: z.string().optional(),
        key: z.string().optional(),
        tls: block(z.strictObject({})).optional(),
        rule: blocks(relabelRule).default([]),
      }),
      { rule: 'at_most_one', of: ['file', 'text', 'tls'] },
      { rule: 'requires', when: 'key', of: [['file', 'text']] },
      { rule: 'not_greater', of: ['timeout', 'interval'] },
      { rule: 'positive', of: ['interval'] },
      { rule: 'unique', of: 'names', ignore_case: true },
    ),
  },
  'test.any': {
    arguments: z.strictObject({
      any: z.unknown().optional(),
      union: z.union([z.string(), z.int()]).optional(),
      auth: z.union([optionalSecret(), z.strictObject({ user: z.string() })]).optional(),
      nullable: z.int().nullable().optional(),
      nested: z.strictObject({ a: z.string(), b: z.int().optional() }).optional(),
      ratio: z.number().min(0).max(1).optional(),
      old: z.string().optional().meta({ deprecated: true }),
    }),
    exports: z.object({ count: z.int(), ratio: z.number(), ports: z.strictObject({ logs: receiver('loki.logs') }) }),
  },
}

export const manifests: ReadonlyMap<string, CheckedManifest> = new Map(
  Object.entries(schemas).map(
    ([name, { arguments: args, exports = z.object({}), stability = 'generally-available' }]) => [
      name,
      { arguments: jsonSchema(args, 'input'), exports: jsonSchema(exports, 'output'), stability },
    ],
  ),
)

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const converted = z.toJSONSchema(schema, { io, unrepresentable: 'any', cycles: 'ref', reused: 'inline' })
  return JSON.parse(JSON.stringify(converted)) as Record<string, unknown>
}
