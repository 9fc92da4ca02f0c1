import { SourceMap, type SourceMapPayload } from 'node:module'
import type { SourceMap as OwnSourceMap } from './own-source-map.ts'

/** `keep/component.ts:12:9`: where in the module's own sources an error was thrown that its evaluated bundle let out. */
export function throwPlace(error: unknown, map: OwnSourceMap): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const sourceMap = new SourceMap(map as unknown as SourceMapPayload)
  for (const [, line, column] of stack.matchAll(/data:text\/javascript[^\s):]*:(\d+):(\d+)/g)) {
    const entry = sourceMap.findEntry(Number(line) - 1, Number(column) - 1)
    if ('originalSource' in entry && entry.originalSource)
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  }
  return undefined
}
