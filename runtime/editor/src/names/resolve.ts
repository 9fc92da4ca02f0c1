import type { BlockStatement } from '@ingot/syntax'
import type { EditorComponent, EditorFunction, EditorHost } from '../host.ts'
import { nameOf, type ScopePart } from '../source/scope-part.ts'
import { outerPlace, partsOf, type Place } from './file-set.ts'

/** What a block's name stands for. */
export type Meaning =
  | { readonly kind: 'component'; readonly component: EditorComponent; readonly importedBy?: ImportPlace }
  /** `place` is the inside of the declare. */
  | { readonly kind: 'declare'; readonly place: Place; readonly importedBy?: ImportPlace }
  | { readonly kind: 'language' }

export interface ImportPlace {
  readonly part: ScopePart
  readonly block: BlockStatement
}

export interface CalledFunction {
  readonly called: EditorFunction
  readonly importedBy: ImportPlace
  readonly set: Place['set']
}

/** A block that a chain of names stands for, and how many of the names are its own. */
export interface Target {
  readonly place: Place
  readonly block: BlockStatement
  readonly used: number
}

export class Names {
  readonly host: EditorHost

  constructor(host: EditorHost) {
    this.host = host
  }

  /** What blocks of this name are in a place: a declare or import around it hides what else begins with that name. */
  meaning(place: Place, name: string): Meaning | undefined {
    const [first = '', ...rest] = name.split('.')
    for (let at: Place | undefined = place; at; at = outerPlace(at)) {
      for (const part of partsOf(at)) {
        const declare = part.declares.get(first)
        if (declare) return rest.length === 0 ? { kind: 'declare', place: { set: at.set, part: declare } } : undefined
        const block = part.imports.get(first)
        if (block) return this.#imported({ set: at.set, part }, block, rest.join('.'))
      }
    }
    const component = this.host.components.get(name)
    if (component) return { kind: 'component', component }
    return languageBlocks.has(name) || this.host.configSchemas.has(name) ? { kind: 'language' } : undefined
  }

  #imported({ set, part }: Place, block: BlockStatement, name: string): Meaning | undefined {
    const namespace = set.namespace(part, block)
    const importedBy = { part, block }
    const component = namespace?.components.get(name)
    if (component) return { kind: 'component', component, importedBy }
    for (const source of namespace?.files.sources ?? []) {
      const declare = source.root.declares.get(name)
      if (declare) return { kind: 'declare', place: { set: namespace!.files, part: declare }, importedBy }
    }
    return undefined
  }

  /** The function of an import that names in an expression stand for, and the import. */
  calledFunction(place: Place, [label = '', name = '']: readonly string[]): CalledFunction | undefined {
    for (const [found, set, part, block] of importsAround(place)) {
      const called = found === label ? set.namespace(part, block)?.functions.get(name) : undefined
      if (called) return { called, importedBy: { part, block }, set }
    }
    return undefined
  }

  /** Every function that expressions of a place can call, with the label of its import. */
  *calledFunctions(place: Place): Generator<readonly [label: string, EditorFunction]> {
    for (const [label, set, part, block] of importsAround(place)) {
      for (const called of set.namespace(part, block)?.functions.values() ?? []) yield [label, called]
    }
  }

  /** The block that names in an expression stand for. */
  target(place: Place, names: readonly string[]): Target | undefined {
    const found = this.#resolve(place, names)
    return found && 'block' in found ? found : undefined
  }

  /** The template whose item names in an expression stand for. */
  item(place: Place, names: readonly string[]): Place | undefined {
    const found = this.#resolve(place, names)
    return found && 'block' in found ? undefined : found
  }

  #resolve(place: Place, names: readonly string[]): Target | Place | undefined {
    for (let at: Place | undefined = place; at; at = at.part.transparent ? outerPlace(at) : undefined) {
      for (let used = 1; used <= names.length; used++) {
        const id = names.slice(0, used).join('.')
        for (const part of partsOf(at)) {
          const block = part.ids.get(id)
          if (block && !unreadable.has(nameOf(block))) return { place: { set: at.set, part }, block, used }
        }
      }
      if (at.part.variable && at.part.variable.name === names[0]) return at
    }
    return undefined
  }
}

function* importsAround(place: Place): Generator<readonly [string, Place['set'], ScopePart, BlockStatement]> {
  for (let at: Place | undefined = place; at; at = outerPlace(at)) {
    for (const part of partsOf(at)) for (const [label, block] of part.imports) yield [label, at.set, part, block]
  }
}

/** Blocks of the language: those that make up modules, and those that stand at the root. */
const languageBlocks: ReadonlySet<string> = new Set(['declare', 'argument', 'export', 'foreach', 'template'])

/** Blocks that expressions cannot refer to. */
const unreadable: ReadonlySet<string> = new Set(['export', 'foreach', 'template'])
