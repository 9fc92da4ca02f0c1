import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Distribution, LoadedComponent } from '@ingot/loader'
import { describeSchema, type JsonSchema } from '@ingot/manifest'
import { configBlockSchemas } from '../../runtime/engine/src/control/config-blocks.ts'
import { isAbsent } from './absent.ts'
import { code, generatedNote, page, table } from './markdown.ts'

interface ReferenceArgument {
  readonly name: string
  readonly undocumented?: boolean
  readonly not_in_code?: boolean
}
interface ReferenceComponent {
  readonly name: string
  readonly kind?: 'config-block'
  readonly stability: string
  readonly removed?: boolean
  readonly arguments: readonly ReferenceArgument[]
  readonly blocks: readonly {
    readonly path: string
    readonly undocumented?: boolean
    readonly arguments: readonly ReferenceArgument[]
  }[]
}

/** Blocks of the language itself, which have no schema: the graph knows them. */
const languageBlocks: ReadonlySet<string> = new Set(['declare', 'argument', 'export', 'foreach'])

/** What of Alloy's components is there, compared name by name: the reference's facts against the manifests. */
export function compatibilityPage(root: string, distribution: Distribution): string {
  const reference = JSON.parse(
    readFileSync(join(root, 'test/compat/reference/components.json'), 'utf8'),
  ) as readonly ReferenceComponent[]
  const wanted = reference.filter(({ kind, removed }) => kind !== 'config-block' && !removed)
  const present = wanted.filter(({ name }) => distribution.lookup(name))
  const absent = wanted.filter(({ name }) => !distribution.lookup(name))
  return page(
    generatedNote,
    '# Compatibility with Alloy',
    `Compared name by name with Alloy 1.18: ${present.length} of its ${wanted.length} components are there. A component that is not there and an argument that is missing are errors with their place when the configuration is checked. What must be left out is refused by its component when it starts: the component is unhealthy and says why in the log and on its page, and the others run.`,
    '## Components that are there',
    table(
      ['Component', 'Arguments and blocks', 'Missing', 'Must be left out, or at its default'],
      present.map((entry) => row(entry, distribution.lookup(entry.name)!)),
    ),
    'Counted are the documented arguments of a component and its blocks, at every depth.',
    '## Configuration blocks',
    table(
      ['Block', 'State'],
      reference.filter(({ kind }) => kind === 'config-block').map(({ name }) => [code(name), blockState(name)]),
    ),
    '## Components that are not there yet',
    ...namespaces(absent).map(([namespace, names]) => `**${namespace}**: ${names.map(code).join(', ')}`),
  )
}

function blockState(name: string): string {
  return languageBlocks.has(name) || name in configBlockSchemas ? 'there' : 'not there yet'
}

function row(entry: ReferenceComponent, { component }: LoadedComponent): readonly string[] {
  const wanted = wantedNames(entry)
  const { names, unsupported } = givenNames(component.arguments)
  const refused = wanted.filter((name) => within(unsupported, name))
  const missing = wanted.filter((name) => !names.has(name) && !refused.includes(name))
  return [
    `[${entry.name}](components/${entry.name}.md)`,
    `${wanted.length - missing.length - refused.length} of ${wanted.length}`,
    outermost(missing).map(code).join(', '),
    outermost(refused).map(code).join(', '),
  ]
}

/** `endpoint`, `endpoint > url`: every documented argument and block. */
function wantedNames({ arguments: args, blocks }: ReferenceComponent): readonly string[] {
  const documented = ({ undocumented, not_in_code: onlyDocs }: ReferenceArgument) => !undocumented && !onlyDocs
  return [
    ...args.filter(documented).map(({ name }) => name),
    ...blocks
      // `stage.match > stage.*` stands for the stages themselves.
      .filter(({ path, undocumented }) => !undocumented && !path.endsWith('*'))
      .flatMap(({ path, arguments: own }) => [path, ...own.filter(documented).map(({ name }) => `${path} > ${name}`)]),
  ]
}

function givenNames(schema: JsonSchema): { names: ReadonlySet<string>; unsupported: ReadonlySet<string> } {
  const { fields, blocks } = describeSchema(schema)
  const names = new Set<string>()
  const unsupported = new Set<string>()
  const add = (name: string, docs: string) => {
    names.add(name)
    if (isAbsent(docs)) unsupported.add(name)
  }
  for (const { name, docs } of fields) add(name, docs)
  for (const { path, docs, fields: own } of blocks) {
    add(path, docs)
    for (const field of own) add(`${path} > ${field.name}`, field.docs)
  }
  return { names, unsupported }
}

/** A block stands for everything in it. */
function outermost(names: readonly string[]): readonly string[] {
  const all = new Set(names)
  return names.filter((name) => !within(all, name.split(' > ').slice(0, -1).join(' > ')))
}

/** Whether the name or a block around it is among `names`. */
function within(names: ReadonlySet<string>, name: string): boolean {
  const steps = name.split(' > ')
  return steps.some((_, depth) => names.has(steps.slice(0, depth + 1).join(' > ')))
}

function namespaces(components: readonly ReferenceComponent[]): [string, string[]][] {
  const groups = new Map<string, string[]>()
  for (const { name } of components) {
    const namespace = name.slice(0, name.lastIndexOf('.'))
    groups.set(namespace, [...(groups.get(namespace) ?? []), name.slice(namespace.length + 1)])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}
