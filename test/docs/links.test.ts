import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './reference-pages.ts'

/** Links and images of Markdown that lead to files of the repository: `[text](path#part)`. */
function brokenLinks(path: string, text: string): readonly string[] {
  const prose = text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((found) => found[1]!)
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .filter((target) => !existsSync(join(root, dirname(path), target.replace(/#.*/, ''))))
    .map((target) => `${path}: ${target}`)
}

test('links in the documentation lead to files', () => {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.md']
  const paths = new Set(execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean))
  const present = [...paths].filter((path) => !path.startsWith('test/') && existsSync(join(root, path)))
  expect(present.flatMap((path) => brokenLinks(path, readFileSync(join(root, path), 'utf8')))).toEqual([])
})

test('brokenLinks() finds a link to nothing, and leaves code and addresses alone', () => {
  const text = '[a](no-such.md) [b](https://example.com) `[c](x)` [d](README.md#part)'
  expect(brokenLinks('x.md', text)).toEqual(['x.md: no-such.md'])
})
