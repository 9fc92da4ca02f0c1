import { isIdentifier } from '@ingot/syntax'
import type { FileSet } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import type { ScopePart } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import { type Occurrence, occurrences } from './occurrences.ts'
import { type FoundSymbol, isLabelSymbol, type LabelSymbol } from './symbol.ts'
import { symbolAt } from './symbol-at.ts'

/** A rename that cannot be made, with what to say. */
export class RenameError extends Error {}

export interface Renaming extends FoundSymbol {
  readonly symbol: LabelSymbol
}

/** The label at an offset; `undefined` for what has no name that a configuration gives. */
export function renamingAt(names: Names, set: FileSet, source: Source, offset: number): Renaming | undefined {
  const found = symbolAt(names, set, source, offset)
  return found && isLabelSymbol(found.symbol) ? { symbol: found.symbol, span: found.span } : undefined
}

/** @throws RenameError when the new name cannot be a label, or is taken, or the old one is not in a file of the user's */
export function rename(
  names: Names,
  roots: readonly FileSet[],
  { symbol }: Renaming,
  newName: string,
): readonly Occurrence[] {
  if (!isIdentifier(newName)) {
    throw new RenameError(`Cannot rename to "${newName}": want letters, digits and underscores, not a digit first`)
  }
  if (!symbol.place.set.editable)
    throw new RenameError(`Cannot rename "${symbol.name}": it is not in a file of this configuration`)
  if (newName !== symbol.name && isTaken(symbol, newName)) {
    throw new RenameError(`Cannot rename "${symbol.name}" to "${newName}": the name is taken`)
  }
  return [...occurrences(names, roots, symbol)]
}

function isTaken({ kind, place, block }: LabelSymbol, newName: string): boolean {
  if (kind === 'item') return usesName(place.part, newName)
  const parts = place.part.block ? [place.part] : place.set.sources.map(({ root }) => root)
  if (kind === 'declare' || kind === 'import') {
    return parts.some((part) => part.declares.has(newName) || part.imports.has(newName))
  }
  const id = [...block.name.map(({ text }) => text), newName].join('.')
  return parts.some((part) => part.ids.has(id))
}

/** Whether a chain of names in a template, or in templates inside of it, begins with a name: the item would hide what it means. */
function usesName(template: ScopePart, name: string): boolean {
  if (template.ids.has(name) || template.references().some(({ names }) => names[0] === name)) return true
  return template.inner.some((part) => part.transparent && usesName(part, name))
}
