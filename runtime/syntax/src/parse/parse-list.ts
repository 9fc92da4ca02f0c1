import type { TokenKind } from '../scan/token.ts'
import { SyntaxFailure, type TokenCursor } from './token-cursor.ts'

/**
 * Reads `element, element, …` up to `closer`, which is left for the caller. A line inside of the list may only end
 * after a comma. A broken element is reported and left out.
 */
export function parseList<T>(cursor: TokenCursor, closer: TokenKind, parseElement: () => T): T[] {
  const elements: T[] = []
  while (!cursor.at(closer)) {
    let broken = true
    const element = cursor.attempt(
      () => {
        const parsed = parseElement()
        broken = false
        return parsed
      },
      (open) => cursor.skipElement(open, closer),
    )
    if (!broken) elements.push(element as T)
    if (cursor.accept(',') || cursor.at(closer)) continue
    if (!cursor.at('terminator')) cursor.unexpected(`"," or "${closer}"`)
    if (!broken) reportMissingComma(cursor, closer)
    if (isLeft(cursor, closer)) throw new SyntaxFailure()
    cursor.take()
  }
  return elements
}

function reportMissingComma(cursor: TokenCursor, closer: TokenKind): void {
  const message = `Cannot end the line here: want "," or "${closer}"`
  cursor.report('missing-comma', cursor.token, message)
}

/** Whether the list was never closed: what follows the line cannot belong to it. */
function isLeft(cursor: TokenCursor, closer: TokenKind): boolean {
  const next = cursor.ahead(1).kind
  return next === 'end' || (closer !== '}' && (next === '}' || cursor.beginsStatement(1)))
}
