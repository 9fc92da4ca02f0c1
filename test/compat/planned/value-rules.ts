import type { JsonSchema } from '@ingot/manifest'
import type { ArgumentFacts } from './reference-facts.ts'

/** Where an argument stands: its component, the way of blocks to it, and its name. */
export interface ArgumentPlace {
  readonly component: string
  /** `endpoint > basic_auth`; empty at the top. */
  readonly block: string
}

type Pattern = string | RegExp

/**
 * Arguments with a grammar of their own, as far as it is sure that Alloy refuses another text before it runs the component:
 * component, block, argument, and the mark of its values.
 */
const formats: readonly (readonly [Pattern, Pattern, Pattern, JsonSchema])[] = [
  [/^/, /^/, 'proxy_url', { kind: 'url', empty: 'absent' }],
  [/^/, /(?:^| > )(?:rule|write_relabel_config)$/, 'regex', { kind: 'regexp' }],
  [/^(?:discovery\.(?:http|kubelet)|remote\.http|import\.http)$/, '', 'url', { kind: 'url' }],
  [/^(?:loki|pyroscope)\.write$|^prometheus\.remote_write$/, 'endpoint', 'url', { kind: 'url' }],
  ['loki.process', /^stage\.(?:drop|regex|replace)$/, 'expression', { kind: 'regexp' }],
  ['loki.process', /^stage\.(?:json|logfmt|structured_metadata)$/, 'regex', { kind: 'regexp' }],
  ['loki.process', 'stage.multiline', 'firstline', { kind: 'regexp' }],
  ['loki.process', 'stage.match', 'selector', { kind: 'selector' }],
  ['loki.process', 'stage.template', 'template', { kind: 'go_template' }],
  ['loki.process', 'stage.timestamp', 'format', { kind: 'time_layout' }],
  ['loki.process', 'stage.timestamp', 'location', { kind: 'time_zone' }],
  ['prometheus.exporter.kafka', '', /_regex$/, { kind: 'regexp' }],
  ['otelcol.processor.k8sattributes', /^extract > /, 'key_regex', { kind: 'regexp' }],
  ['otelcol.processor.metric_start_time', '', 'start_time_metric_regex', { kind: 'regexp' }],
  ['otelcol.processor.attributes', 'action', 'pattern', { kind: 'regexp' }],
  [/^otelcol\.receiver\./, /(?:^| )multiline$/, /^line_(?:start|end)_pattern$/, { kind: 'regexp' }],
]

/** The same of maps: marks of their values and of their names. */
const mapFormats: readonly (readonly [Pattern, Pattern, Pattern, JsonSchema])[] = [
  [
    'loki.process',
    'stage.json',
    'expressions',
    { additionalProperties: { type: 'string', ingot: { kind: 'jmespath', empty: 'name' } } },
  ],
  [
    'loki.process',
    /^stage\.(?:labels|static_labels)$/,
    'values',
    { propertyNames: { type: 'string', ingot: { kind: 'utf8_label_name' } } },
  ],
]

/** What the values of an argument must be beyond their type. */
export function formatMark(place: ArgumentPlace, { name, type }: ArgumentFacts): JsonSchema {
  const isHere = ([component, block, argument]: readonly [Pattern, Pattern, Pattern, JsonSchema]) =>
    fits(component, place.component) && fits(block, place.block) && fits(argument, name)
  if (type === 'map(string)') return mapFormats.find(isHere)?.[3] ?? {}
  const format = type === 'string' ? formats.find(isHere) : undefined
  return format ? { ingot: format[3] } : {}
}

const secretsRules = (...pairs: readonly (readonly [string, string])[]) =>
  pairs.map((of) => ({ rule: 'at_most_one', of }))
const needs = (when: string, of: readonly string[]) => ({ rule: 'requires', when, of: [of] })

/** What the arguments of a block must be for each other: by its last name, where Alloy has one such block everywhere. */
const blockRules: Readonly<Record<string, readonly JsonSchema[]>> = {
  basic_auth: secretsRules(['password', 'password_file']),
  authorization: secretsRules(['credentials', 'credentials_file']),
  oauth2: [
    { rule: 'at_least_one', of: ['client_id'] },
    { rule: 'at_least_one', of: ['token_url'] },
    ...secretsRules(['client_secret', 'client_secret_file']),
  ],
  tls_config: [
    ...secretsRules(['ca_pem', 'ca_file'], ['cert_pem', 'cert_file'], ['key_pem', 'key_file']),
    needs('cert_pem', ['key_pem', 'key_file']),
    needs('cert_file', ['key_pem', 'key_file']),
    needs('key_pem', ['cert_pem', 'cert_file']),
    needs('key_file', ['cert_pem', 'cert_file']),
  ],
  'stage.drop': [
    { rule: 'at_least_one', of: ['source', 'expression', 'older_than', 'longer_than'] },
    { rule: 'at_most_one', of: ['value', 'expression'] },
    { rule: 'requires', when: 'value', of: ['source'] },
  ],
  'stage.tenant': [{ rule: 'exactly_one', of: ['label', 'source', 'value'] }],
  'stage.match': [
    { rule: 'excludes', when: { action: ['drop'] }, of: ['stage'] },
    { rule: 'requires', when: { action: ['keep'] }, of: ['stage'] },
  ],
}

/** Who takes at most one way to authenticate requests, at their top or in the block. */
const httpClients: readonly (readonly [Pattern, Pattern])[] = [
  [/^(?:prometheus|pyroscope)\.scrape$|^discovery\.(?:http|kubernetes)$/, ''],
  [/^(?:loki|pyroscope)\.write$|^prometheus\.remote_write$/, 'endpoint'],
]
const oneWay = {
  rule: 'at_most_one',
  of: ['basic_auth', 'authorization', 'oauth2', 'bearer_token', 'bearer_token_file'],
}

/** What the arguments of a body must be for each other. */
export function rulesOf({ component, block }: ArgumentPlace, args: readonly ArgumentFacts[]): readonly JsonSchema[] {
  const names = new Set(args.map(({ name }) => name))
  const isRelabelRule = ['action', 'regex', 'replacement', 'source_labels', 'target_label'].every((name) =>
    names.has(name),
  )
  const isClient = httpClients.some(([who, where]) => fits(who, component) && fits(where, block))
  return [
    ...(blockRules[block.split(' > ').at(-1)!] ?? []),
    ...(isRelabelRule ? [{ rule: 'relabel_rule' }] : []),
    ...(isClient ? [oneWay] : []),
  ]
}

function fits(pattern: Pattern, text: string): boolean {
  return typeof pattern === 'string' ? pattern === text : pattern.test(text)
}
