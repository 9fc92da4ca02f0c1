import type { LoadedComponent } from '@ingot/loader'
import { capabilitySentence, describeSchema } from '@ingot/manifest'
import type { BlockDescription, ComponentManifest, FieldDescription } from '@ingot/manifest'
import { code, fence, generatedNote, page, table } from './markdown.ts'
import { schemaSection } from './schema-section.ts'

const scalings: Readonly<Record<ComponentManifest['scaling'], string>> = {
  replicate: 'Every lane runs an instance, which owns its share of the work.',
  single: 'One instance runs in one lane.',
  keyed: 'Instances in several lanes own keys: what belongs together meets in one of them.',
}

const settlements: Readonly<Record<NonNullable<ComponentManifest['settles']>, string>> = {
  'with delivery': 'A batch is settled when what became of it is settled, with that outcome.',
  'on acceptance': 'A batch is settled when the component has taken it in.',
  'when durable': 'A batch is settled when it is durable on disk.',
}

/** The reference page of one component, from its manifest alone. */
export function componentPage({ module, version, component }: LoadedComponent): string {
  return page(
    generatedNote,
    `# ${component.name}`,
    component.summary,
    `Module ${code(`${module}@${version}`)} · ${component.stability}`,
    component.docs ?? '',
    component.docs?.includes('```') ? '' : exampleSection(component),
    '## Arguments',
    schemaSection(component.arguments),
    exportsSection(component),
    '## How it runs',
    scalings[component.scaling],
    component.settles === undefined ? '' : settlements[component.settles],
    component.tags.includes('redact') ? 'A pipeline never goes around it.' : '',
    capabilitiesSection(component),
  )
}

/** The least that the component can be given: a fragment, because what it refers to is the reader's. */
function exampleSection({ name, arguments: schema }: ComponentManifest): string {
  const { fields, blocks } = describeSchema(schema)
  return fence('alloy fragment', `${name} "example" ${leastBody(fields, blocks, '', '')}`)
}

/** Required arguments, and required blocks with theirs. @param within the path of the block whose body it is, as a prefix */
function leastBody(
  fields: readonly FieldDescription[],
  blocks: readonly BlockDescription[],
  within: string,
  indent: string,
): string {
  const required = fields.filter((field) => field.required)
  const width = Math.max(0, ...required.map((field) => field.name.length))
  const lines = required.map((field) => `${indent}\t${field.name.padEnd(width)} = ${placeholder(field.type)}`)
  for (const block of blocks) {
    const name = block.path.slice(within.length)
    if (!block.required || !block.path.startsWith(within) || name.includes(' > ')) continue
    if (lines.length > 0) lines.push('')
    lines.push(`${indent}\t${name} ${leastBody(block.fields, blocks, `${block.path} > `, `${indent}\t`)}`)
  }
  return lines.length === 0 ? '{ }' : `{\n${lines.join('\n')}\n${indent}}`
}

/** A value of a type, as a reader would begin. */
function placeholder(type: string): string {
  const receivers: Readonly<Record<string, string>> = {
    'prometheus.metrics': 'prometheus.remote_write.main.receiver',
    'loki.logs': 'loki.write.main.receiver',
    'otel.': 'otelcol.exporter.otlp.main.input',
  }
  if (type.startsWith('list(receiver')) {
    const found = Object.keys(receivers).find((carried) => type.includes(carried))
    return `[${receivers[found ?? ''] ?? ''}]`
  }
  if (type.startsWith('list')) return '[]'
  if (type.startsWith('map') || type === 'object') return '{}'
  if (type === 'duration') return '"1m"'
  if (type === 'number') return '1'
  if (type === 'bool') return 'true'
  return '"…"'
}

function exportsSection({ exports }: ComponentManifest): string {
  const { fields } = describeSchema(exports)
  if (fields.length === 0) return page('## Exports', 'It exports nothing.')
  return page(
    '## Exports',
    table(
      ['Export', 'Type', 'Description'],
      fields.map(({ name, type, docs }) => [code(name), type, docs]),
    ),
  )
}

function capabilitiesSection({ capabilities }: ComponentManifest): string {
  const rows = Object.entries(capabilities).flatMap(([capability, requests]) =>
    requests.length === 0
      ? [[code(capability), capabilitySentence(capability, {}), '']]
      : requests.map((request) => [code(capability), capabilitySentence(capability, request), request.why]),
  )
  const nothing = 'It asks the host for nothing.'
  return page('## Capabilities', rows.length === 0 ? nothing : table(['Capability', 'What it allows', 'Why'], rows))
}
