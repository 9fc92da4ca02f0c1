import { deprecatedNames, type BlockStatement, type Reference } from '@ingot/syntax'
import { argumentsOf } from '../names/arguments.ts'
import { fieldsOf } from '../names/fields.ts'
import type { Place } from '../names/file-set.ts'
import { languageDocs } from '../names/language-arguments.ts'
import type { Names } from '../names/resolve.ts'
import { nameOf } from '../source/scope-part.ts'
import { labelText, type LabelSymbol, type NameSymbol } from './symbol.ts'

/** What the label of a block names. */
export function symbolOfLabel(place: Place, block: BlockStatement): LabelSymbol | undefined {
  if (!block.label) return undefined
  const name = nameOf(block)
  const kind = name === 'declare' || name === 'argument' || name === 'export' ? name : undefined
  const symbol = { name: block.label.text, place, block, given: labelText(block) }
  return { ...symbol, kind: kind ?? (name.startsWith('import.') ? 'import' : 'block') }
}

/** The item of a template, by the name that its foreach gives it. */
export function symbolOfItem(template: Place): LabelSymbol | undefined {
  const { block, variable } = template.part
  return block && variable && { kind: 'item', name: variable.name, place: template, block, given: variable.span }
}

/** What one of the dotted names of a block stands for. */
export function symbolOfBlockName(
  names: Names,
  place: Place,
  block: BlockStatement,
  index: number,
): NameSymbol | undefined {
  const name = nameOf(block)
  const meaning = names.meaning(place, name)
  if (!meaning || meaning.kind === 'language') return name in languageDocs ? { kind: 'language', name } : undefined
  const { importedBy } = meaning
  if (importedBy && index === 0) {
    return symbolOfLabel({ set: place.set, part: importedBy.part }, importedBy.block)
  }
  return meaning.kind === 'component'
    ? { kind: 'component', component: meaning.component }
    : declareSymbol(meaning.place)
}

function declareSymbol({ set, part }: Place): LabelSymbol | undefined {
  return part.block && part.outer && symbolOfLabel({ set, part: part.outer }, part.block)
}

/** What one of the names of a chain in an expression stands for. */
export function symbolOfReference(
  names: Names,
  place: Place,
  reference: Reference,
  index: number,
): NameSymbol | undefined {
  const template = names.item(place, reference.names)
  if (template) return index === 0 ? symbolOfItem(template) : undefined
  const target = names.target(place, reference.names)
  if (!target) return calledSymbol(names, place, reference.names, index) ?? functionSymbol(reference.names, index)
  const { block, used } = target
  const defined = { place: target.place, block }
  if (index === used - 1 && block.label) return symbolOfLabel(target.place, block)
  if (index < used) {
    const found = symbolOfBlockName(names, target.place, block, index)
    return found?.kind === 'component' ? { ...found, defined } : found
  }
  const field = fieldsOf(names, target.place, block).find(({ name }) => name === reference.names[used])
  if (!field || index > used) return undefined
  if (field.block && field.place) return symbolOfLabel(field.place, field.block)
  return { kind: 'field', field, defined }
}

/** A function of an import, under the import's label. */
function calledSymbol(names: Names, place: Place, chain: readonly string[], index: number): NameSymbol | undefined {
  const found = index > 1 ? undefined : names.calledFunction(place, chain)
  if (!found) return undefined
  const { called, importedBy, set } = found
  if (index === 0) return symbolOfLabel({ set, part: importedBy.part }, importedBy.block)
  return { kind: 'called', called, namespace: chain[0]! }
}

function functionSymbol(chain: readonly string[], index: number): NameSymbol | undefined {
  const name = chain.slice(0, 2).join('.')
  return index > 1 ? undefined : { kind: 'function', name: deprecatedNames[name] ?? name }
}

/** What the name of an attribute, or of an inner block, of a block stands for. */
export function symbolOfArgument(
  names: Names,
  place: Place,
  blocks: readonly string[],
  name: string,
): NameSymbol | undefined {
  const argument = argumentsOf(names, place, blocks).find((each) => each.name === name)
  if (!argument) return undefined
  if (!argument.declared) return { kind: 'given', argument }
  const { part, block } = argument.declared
  const meaning = names.meaning(place, blocks[0] ?? '')
  return symbolOfLabel({ set: meaning?.kind === 'declare' ? meaning.place.set : place.set, part }, block)
}
