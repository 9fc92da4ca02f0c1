import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { basename } from 'node:path'

/** Frames of a stack that are looked at: the first ones are where the error came from. */
const framesMax = 20
/** A larger map is none that packing has made. */
const mapBytesMax = 4 * 1024 * 1024

/** Where in its sources a bundle's code comes from, by the source map that packing has put beside it. */
export class SourcePositions {
  readonly #bundlePath: string
  #map: SourceMap | undefined | null = null

  /** The map is read when the first error asks for it. */
  constructor(bundlePath: string) {
    this.#bundlePath = bundlePath
  }

  /** `keep/component.ts:12:9`: the first place of a stack that lies in the module's own sources. */
  place(stack: string): string | undefined {
    for (const { line, column } of this.#frames(stack)) {
      const found = this.#find(line, column)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The stack with places in the bundle replaced by those in the sources, as far as they are the module's own. */
  mapped(stack: string): string {
    return stack.replaceAll(this.#pattern, (whole, line: string, column: string) => this.#find(+line, +column) ?? whole)
  }

  #frames(stack: string): { readonly line: number; readonly column: number }[] {
    return [...stack.matchAll(this.#pattern)]
      .slice(0, framesMax)
      .map(([, line, column]) => ({ line: +line!, column: +column! }))
  }

  /** The bundle's file in a lane, and the one name that bundles have in a runner. */
  get #pattern(): RegExp {
    const name = basename(this.#bundlePath).replaceAll('.', '\\.')
    return new RegExp(`(?:[^\\s()]*/${name}|module\\.mjs):(\\d{1,9}):(\\d{1,9})`, 'g')
  }

  #find(line: number, column: number): string | undefined {
    if (this.#map === null) this.#map = readMap(`${this.#bundlePath}.map`)
    const entry = this.#map?.findEntry(line - 1, column - 1)
    if (!entry || !('originalSource' in entry) || entry.originalSource === undefined) return undefined
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  }
}

/** A module that brings no map, or a broken one, runs as well: its errors show places in the bundle. */
function readMap(path: string): SourceMap | undefined {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > mapBytesMax) return undefined
    return new SourceMap(JSON.parse(bytes.toString()) as SourceMapPayload)
  } catch {
    return undefined
  }
}
