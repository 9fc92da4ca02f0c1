import { createHash } from 'node:crypto'
import type { Highlighter } from '../files/highlighter.ts'
import type { Html } from './html.ts'
import { codeBlocks, renderMarkdown } from './markdown.ts'

/** Blocks of code that are coloured; those after them are shown as they are. */
const blocksMax = 40

/** A README with the colours of the files' pages in its code; `undefined` where there is none. */
export async function colouredReadme(text: string | undefined, highlighter: Highlighter): Promise<Html | undefined> {
  if (text === undefined) return undefined
  const colours = new Map<string, string>()
  for (const { language, code } of codeBlocks(text).slice(0, blocksMax)) {
    const key = `${language} ${createHash('sha256').update(code).digest('hex')}`
    const markup = await highlighter.highlight(key, language, code)
    if (markup !== undefined) colours.set(code, markup)
  }
  return renderMarkdown(text, colours)
}
