import { type Body, parse, scan } from '@ingot/syntax'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import oniguruma from 'vscode-oniguruma'
import textmate, { type IGrammar } from 'vscode-textmate'

const root = fileURLToPath(new URL('../..', import.meta.url))
const extension = join(root, 'editors/vscode')
const readJson = (path: string) => JSON.parse(readFileSync(join(extension, path), 'utf8')) as never

interface Manifest {
  readonly main: string
  readonly contributes: {
    readonly languages: readonly {
      readonly id: string
      readonly extensions: readonly string[]
      readonly configuration: string
    }[]
    readonly grammars: readonly { readonly language: string; readonly scopeName: string; readonly path: string }[]
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> }
  }
}
const manifest: Manifest = readJson('package.json')
const grammarPath = manifest.contributes.grammars[0]!.path

describe('the extension', () => {
  test('names files that are there, and one language in all of them', () => {
    const [language] = manifest.contributes.languages
    const [grammar] = manifest.contributes.grammars
    expect(language).toMatchObject({ id: 'alloy-config', extensions: ['.alloy'] })
    expect(grammar).toMatchObject({ language: language!.id, scopeName: 'source.alloy-config' })
    for (const path of [manifest.main, language!.configuration, grammar!.path]) {
      expect(existsSync(join(extension, path)), path).toBe(true)
    }
    expect(readJson(grammar!.path)).toMatchObject({ scopeName: grammar!.scopeName })
    expect(readJson(language!.configuration)).toMatchObject({ comments: { lineComment: '//' } })
  })

  test('has a client that Node.js can read, which uses the settings that the manifest lists', () => {
    const path = join(extension, manifest.main)
    execFileSync(process.execPath, ['--check', path])
    const used = [...readFileSync(path, 'utf8').matchAll(/settings\.get\('(\w+)'/g)].map(([, name]) => `ingot.${name}`)
    expect(used.toSorted()).toEqual(Object.keys(manifest.contributes.configuration.properties).toSorted())
  })
})

describe('the grammar', () => {
  let grammar: IGrammar

  beforeAll(async () => {
    const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm')
    await oniguruma.loadWASM(readFileSync(wasm))
    const registry = new textmate.Registry({
      onigLib: Promise.resolve({
        createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
        createOnigString: (text) => new oniguruma.OnigString(text),
      }),
      loadGrammar: async () =>
        textmate.parseRawGrammar(readFileSync(join(extension, grammarPath), 'utf8'), grammarPath),
    })
    grammar = (await registry.loadGrammar('source.alloy-config'))!
  })

  /** The scope of every character of a text, by offset: the innermost one. */
  function scopesOf(text: string): readonly string[][] {
    const scopes: string[][] = []
    let state = textmate.INITIAL
    for (const line of text.split('\n')) {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state)
      state = ruleStack
      for (const token of tokens) {
        for (let at = token.startIndex; at < Math.min(token.endIndex, line.length); at++) scopes.push(token.scopes)
      }
      scopes.push([])
    }
    return scopes
  }

  const patterns = [
    'examples/*/*.alloy',
    'runtime/syntax/testdata/{format,evaluation}/*.alloy',
    'runtime/check/testdata/*.alloy',
  ]
  const files = patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((path) => {
      return parse(path, readFileSync(join(root, path), 'utf8')).diagnostics.length === 0
    })

  test.each(files)('sees strings, comments, blocks and attributes of %s where the parser does', (path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const scopes = scopesOf(text)
    const wrong: string[] = []
    const expectScope = (start: number, wanted: RegExp): void => {
      if (!scopes[start]!.some((scope) => wanted.test(scope))) {
        wrong.push(
          `${start} ${JSON.stringify(text.slice(start, start + 20))}: ${scopes[start]!.join(' ')}, want ${wanted}`,
        )
      }
    }
    const { tokens, comments } = scan(path, text)
    for (const { start } of comments) expectScope(start, /^comment\./)
    for (const { kind, start } of tokens) {
      if (kind === 'string') expectScope(start, /^string\.|^entity\.name\.label|^variable\.other\.property/)
      if (kind === 'number') expectScope(start, /^constant\.numeric/)
      if (kind === 'bool' || kind === 'null') expectScope(start, /^constant\.language/)
    }
    const walk = (body: Body): void => {
      for (const statement of body.statements) {
        if (statement.kind === 'attribute') expectScope(statement.name.span.start, /^variable\.other\.property/)
        else {
          expectScope(statement.name[0]!.span.start, /^entity\.name\.type|^keyword\.control/)
          walk(statement.body)
        }
      }
    }
    walk(parse(path, text).file.body)
    expect(wrong).toEqual([])
  })
})
