import { isAbsolute, relative, resolve, sep } from 'node:path'
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'

/** A source map, version 3, without the sources' text. */
export interface SourceMap {
  readonly version: 3
  /** Paths below the module's folder. */
  readonly sources: readonly string[]
  readonly names: readonly never[]
  readonly mappings: string
}

/**
 * What of a bundle's map leads to the module's own sources: that is what its author can mend, and a small part of the
 * whole. `given.sources` are relative to the module's folder.
 */
export function ownSourceMap(
  given: { readonly sources: readonly string[]; readonly mappings: string },
  moduleDir: string,
): SourceMap {
  const sources: string[] = []
  const numbers = given.sources.map((source) => {
    const path = ownPath(source, moduleDir)
    return path === undefined ? undefined : sources.push(path) - 1
  })
  const lines = decode(given.mappings).map((segments) => {
    const kept: SourceMapSegment[] = []
    for (const [column, source, line, sourceColumn] of segments) {
      const number = source === undefined ? undefined : numbers[source]
      // Where foreign code begins, the last own segment must not go on.
      if (number !== undefined) kept.push([column, number, line!, sourceColumn!])
      else if (kept.at(-1)?.length === 4) kept.push([column])
    }
    return kept
  })
  while (lines.at(-1)?.length === 0) lines.pop()
  return { version: 3, sources, names: [], mappings: encode(lines) }
}

function ownPath(source: string, moduleDir: string): string | undefined {
  const path = relative(moduleDir, resolve(moduleDir, source))
  const outside = path.startsWith('..') || isAbsolute(path) || path.split(sep).includes('node_modules')
  return outside ? undefined : path.split(sep).join('/')
}
