import { parse, type Parsed } from '@ingot/syntax'
import type { SourceText } from '../host.ts'

/** Parsed texts: a file whose text has not changed is not read again. It holds the files of the last check only. */
export class ParsedFiles {
  readonly #known = new Map<string, { readonly text: string; readonly parsed: Parsed }>()

  of({ name, text }: SourceText): Parsed {
    const known = this.#known.get(name)
    if (known?.text === text) return known.parsed
    const parsed = parse(name, text)
    this.#known.set(name, { text, parsed })
    return parsed
  }

  keepOnly(files: readonly SourceText[]): void {
    const names = new Set(files.map(({ name }) => name))
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
  }
}
