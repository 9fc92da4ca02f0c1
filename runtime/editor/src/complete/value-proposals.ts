import { schemaReader, type Shape } from '@ingot/check'
import { signatureText } from '@ingot/manifest'
import { deprecatedNames, FunctionValue, type ObjectValue } from '@ingot/syntax'
import { CompletionItemKind } from 'vscode-languageserver'
import { argumentsOf } from '../names/arguments.ts'
import type { PlacedSchema } from '../names/fields.ts'
import type { Place } from '../names/file-set.ts'
import { functionDocs } from '../names/function-docs.ts'
import type { Names } from '../names/resolve.ts'
import type { Source } from '../source/source.ts'
import type { CursorContext, Step } from './cursor-context.ts'
import type { Proposal } from './proposal.ts'
import { referenceProposals } from './reference-proposals.ts'

/** What may stand as a value, or as a key of an object, at the cursor. */
export function* valueProposals(
  names: Names,
  place: Place,
  context: CursorContext,
  source: Source,
): Generator<Proposal> {
  const wanted = wantedAt(names, place, context)
  if (context.where === 'key') {
    yield* keyProposals(wanted)
    return
  }
  yield* choiceProposals(wanted, context.quoted)
  if (context.quoted) return
  const inList = context.steps.at(-1)?.kind === 'item'
  const own = context.blocks.find(({ name }) => name !== 'declare' && name !== 'foreach' && name !== 'template')
  yield* referenceProposals(names, place, { wanted, inList, own, source })
  // Where receivers go, no function gives any.
  if (wanted && isReceiver(wanted.shape)) return
  yield* importedProposals(names, place)
  yield* libraryProposals(names.host.globals)
}

export interface Wanted extends PlacedSchema {
  readonly shape: Shape
}

function wantedAt(names: Names, place: Place, { blocks, attribute, steps }: CursorContext): Wanted | undefined {
  const owner = blocks.findLastIndex(({ name }) => name === 'declare' || name === 'template')
  const inner = blocks.slice(owner + 1).map(({ name }) => name)
  const argument = argumentsOf(names, place, inner).find(({ name }) => name === attribute)
  const path = argument?.schema
  const found = path && steps.reduce<PlacedSchema | undefined>((at, step) => at && stepInto(at, step), path)
  return found && { ...found, shape: schemaReader(found.root).shape(found.schema) }
}

function stepInto({ root, schema }: PlacedSchema, step: Step): PlacedSchema | undefined {
  const { mark, items, properties, additional } = schemaReader(root).shape(schema)
  if (step.kind === 'other') return undefined
  if (step.kind === 'item') {
    // The items of receivers and targets have no schema of their own.
    if (mark?.kind === 'receivers' || mark?.kind === 'targets') return { root, schema }
    return items && { root, schema: items }
  }
  const inner = properties.get(step.name) ?? additional
  return inner && { root, schema: inner }
}

function isReceiver({ mark }: Shape): boolean {
  return mark?.kind === 'receivers' || mark?.kind === 'receiver'
}

function* keyProposals(wanted: Wanted | undefined): Generator<Proposal> {
  for (const name of wanted?.shape.properties.keys() ?? []) {
    yield { label: name, kind: CompletionItemKind.Field, snippet: `${name} = $0`, insert: `${name} = `, rank: '0' }
  }
}

function* choiceProposals(wanted: Wanted | undefined, quoted: boolean): Generator<Proposal> {
  if (!wanted) return
  const reader = schemaReader(wanted.root)
  const shapes = [wanted.shape, ...wanted.shape.alternatives.map((each) => reader.shape(each))]
  for (const shape of shapes) {
    for (const value of shape.choices ?? []) {
      const text = JSON.stringify(value)
      if (quoted && typeof value !== 'string') continue
      const label = quoted ? (value as string) : text
      yield { label, kind: CompletionItemKind.EnumMember, filter: quoted ? label : text, rank: '0' }
    }
    if (shape.type !== 'boolean' || quoted) continue
    for (const label of ['true', 'false']) yield { label, kind: CompletionItemKind.Value, rank: '0' }
  }
}

function* libraryProposals(globals: ObjectValue): Generator<Proposal> {
  for (const [name, value] of Object.entries(globals)) {
    if (Object.hasOwn(deprecatedNames, name)) continue
    if (value instanceof FunctionValue) yield functionProposal(name)
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [member, inner] of Object.entries(value as ObjectValue)) {
        const full = `${name}.${member}`
        if (inner instanceof FunctionValue) yield functionProposal(full)
        else yield { label: full, kind: CompletionItemKind.Constant, rank: '7' }
      }
    }
  }
  yield { label: 'module_path', kind: CompletionItemKind.Variable, detail: 'Folder of the module', rank: '7' }
}

/** The functions that imports bring to a place. */
function* importedProposals(names: Names, place: Place): Generator<Proposal> {
  for (const [label, called] of names.calledFunctions(place)) {
    const name = `${label}.${called.name}`
    const shown = { detail: `${label}.${signatureText(called)}`, docs: called.summary }
    yield {
      label: name,
      kind: CompletionItemKind.Function,
      ...shown,
      snippet: `${name}($0)`,
      insert: `${name}(`,
      rank: '6',
    }
  }
}

function functionProposal(name: string): Proposal {
  const known = functionDocs[name]
  return {
    label: name,
    kind: CompletionItemKind.Function,
    ...(known && { detail: known.signature, docs: known.docs }),
    snippet: `${name}($0)`,
    insert: `${name}(`,
    rank: '7',
  }
}
