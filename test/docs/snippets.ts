import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './reference-pages.ts'

export interface Snippet {
  /** `docs/guides/operate.md:12`. */
  readonly place: string
  readonly text: string
  /** A part of a configuration: refers to what stands elsewhere. */
  readonly fragment: boolean
}

/** Every configuration in the Markdown of the repository, and every example file. */
export function snippets(): readonly Snippet[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.md', 'examples/*.alloy']
  const paths = new Set(execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean))
  return [...paths]
    .filter((path) => !path.startsWith('test/'))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return path.endsWith('.md') ? fencedSnippets(path, text) : [{ place: path, text, fragment: false }]
    })
}

/** The fences that are marked `alloy`, in lists too. */
export function fencedSnippets(path: string, text: string): readonly Snippet[] {
  return [...text.matchAll(/^([ \t]*)```alloy\b(.*)\n([\s\S]*?)^\1```[ \t]*$/gm)].map((found) => {
    const [, indent = '', info = '', body = ''] = found
    const line = text.slice(0, found.index).split('\n').length
    const lines = body.split('\n').map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each))
    return { place: `${path}:${line}`, text: lines.join('\n'), fragment: info.trim() === 'fragment' }
  })
}
