import type { BlockStatement } from '@ingot/syntax'
import { type EditorComponent, type EditorFunction, importKey } from '../host.ts'
import { nameOf, type ScopePart } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'

/** Files that are one module: a configuration, or what an import brought. */
export class FileSet {
  readonly #sources: () => readonly Source[]
  readonly #imports: ReadonlyMap<string, Namespace>
  /** Whether the editor may change them. */
  readonly editable: boolean

  constructor(sources: () => readonly Source[], imports: ReadonlyMap<string, Namespace>, editable = true) {
    this.editable = editable
    this.#sources = sources
    this.#imports = imports
  }

  get sources(): readonly Source[] {
    return this.#sources()
  }

  namespace(part: ScopePart, block: BlockStatement): Namespace | undefined {
    return this.#imports.get(importKey(part.source.name, nameOf(block), block.label?.text ?? ''))
  }
}

export interface Namespace {
  readonly files: FileSet
  readonly components: ReadonlyMap<string, EditorComponent>
  readonly functions: ReadonlyMap<string, EditorFunction>
}

/** A scope of a file set: the root, spread over its files, or the body of one block. */
export interface Place {
  readonly set: FileSet
  readonly part: ScopePart
}

/** The scope's parts, the own file's first. */
export function partsOf({ set, part }: Place): readonly ScopePart[] {
  if (part.block) return [part]
  const others = set.sources.map(({ root }) => root).filter((root) => root !== part)
  return [part, ...others]
}

export function outerPlace({ set, part }: Place): Place | undefined {
  return part.outer && { set, part: part.outer }
}
