import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeFiles, importsOf, root } from './source-files.ts'
import oversized from './oversized.json' with { type: 'json' }

/** Non-blank lines of one file. A file on the list of giants may only shrink. */
const linesMax = 400

test('no file is over the bound, and no listed giant grows', () => {
  const over = codeFiles().flatMap(({ path, text }) => {
    const lines = text.split('\n').filter((line) => line.trim() !== '').length
    const bound = (oversized as Record<string, number>)[path] ?? linesMax
    return lines > bound ? [`${path}: ${lines} lines, at most ${bound}`] : []
  })
  expect(over).toEqual([])
})

// Code, not data: the facts about Alloy that the checker reads are a generated file, which nothing branches on.
test("the runtime's code knows no component by name", () => {
  const reference = JSON.parse(readFileSync(join(root, 'test/compat/reference/components.json'), 'utf8')) as {
    name: string
    kind?: string
  }[]
  const names = reference.filter(({ kind }) => kind !== 'config-block').map(({ name }) => name)
  const literal = new RegExp(`['"\`](${names.map((name) => name.replaceAll('.', '\\.')).join('|')})['"\`]`)
  const found = codeFiles()
    .filter(({ path }) => path.startsWith('runtime/') && !/\.test\.ts$|\/testdata\//.test(path))
    .flatMap(({ path, text }) => {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      return literal.test(code) ? [`${path}: ${literal.exec(code)![0]}`] : []
    })
  expect(found).toEqual([])
})

test('portable code imports no Node.js built-in', () => {
  const portable = /^(modules|examples\/modules|sdk\/(component|kits|telemetry))\//
  const found = codeFiles()
    .filter(({ path }) => portable.test(path) && !/\.test\.ts$|\/testdata\/|\/testing\/|vitest\.config\.ts$/.test(path))
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('node:'))
        .map((name) => `${file.path} imports ${name}`),
    )
  expect(found).toEqual([])
})

test('no file has a drawer name', () => {
  const drawer = /(^|\/)(utils?|commons?|helpers?|managers?|misc|old)(\/|\.ts$|-|$)/
  expect(
    codeFiles()
      .map(({ path }) => path)
      .filter((path) => drawer.test(path)),
  ).toEqual([])
})

test('no code names a machine path or gives up on types', () => {
  const rules: readonly [RegExp, string][] = [
    [/(^|[^.\w-])\/(work|farm)\//, 'machine path'],
    [/@ts-(ignore|expect-error|nocheck)/, 'type check switched off'],
    [/\b(TODO|FIXME|XXX)\b/, 'promise instead of work'],
  ]
  const found = codeFiles()
    .filter(({ path }) => !path.startsWith('test/tidy/'))
    .flatMap(({ path, text }) => rules.filter(([rule]) => rule.test(text)).map(([, what]) => `${path}: ${what}`))
  expect(found).toEqual([])
})
