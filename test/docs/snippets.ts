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
  return [
    ...markdownFiles().flatMap(({ path, text }) => fencedSnippets(path, text)),
    ...files('examples/*.alloy').map(({ path, text }) => ({ place: path, text, fragment: false })),
  ]
}

const markdownFiles = () => files('*.md')

function files(pattern: string): readonly { readonly path: string; readonly text: string }[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', pattern]
  const paths = new Set(execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean))
  return [...paths]
    .filter((path) => !path.startsWith('test/'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
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

/** Where a fence that is not marked `alloy` has a block in it whose name `isBlock` knows. */
export function unmarkedConfigurations(isBlock: (name: string) => boolean): readonly string[] {
  return markdownFiles().flatMap(({ path, text }) =>
    [...text.matchAll(/^([ \t]*)(```|~~~)(.*)\n([\s\S]*?)^\1\2[ \t]*$/gm)]
      .filter(([, , , info = '', body = '']) => {
        const blocks = body.matchAll(/^\s*([\w.]+)(?: "\w*")? \{/gm)
        return !/^alloy\b/.test(info) && [...blocks].some(([, name = '']) => isBlock(name))
      })
      .map(({ index }) => `${path}:${text.slice(0, index).split('\n').length}`),
  )
}
