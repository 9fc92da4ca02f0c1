import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CodeAction,
  CodeActionRequest,
  CompletionRequest,
  type CompletionItem,
  type CompletionList,
  DefinitionRequest,
  DocumentFormattingRequest,
  type DocumentSymbol,
  DocumentSymbolRequest,
  HoverRequest,
  type Location,
  type MarkupContent,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
} from 'vscode-languageserver-protocol/node'
import { applyEdits, EditorClient } from '../servers/editor-client.ts'

const main = `// Metrics and logs of the café ☕ 𝄞.
import.file "lib" {
	filename = "lib/shared.alloy"
}

prometheus.scrape "api" {
	targets    = [{__address__ = "127.0.0.1:9"}]
	forward_to = [prometheus.remote_write.out.receiver]
}

declare "pipeline" {
	argument "level" {
		optional = true
		default  = "info"
		comment  = "Lines of this level are kept."
	}

	loki.process "inner" {
		forward_to = [loki.write.far.receiver]

		stage.static_labels {
			values = {level = argument.level.value}
		}
	}

	loki.write "far" {
		endpoint {
			url = "http://127.0.0.1:9/push"
		}
	}

	export "entry" {
		value = loki.process.inner.receiver
	}
}

pipeline "logs" {
	level = "warn"
}

loki.source.file "app" {
	targets    = [{__path__ = "/tmp/none"}]
	forward_to = [pipeline.logs.entry]
}
`
const out = `prometheus.remote_write "out" {
	endpoint {
		url = "http://127.0.0.1:9/write"
	}
}

loki.write "out" {
	endpoint {
		url = "http://127.0.0.1:9/push"
	}
}
`

let client: EditorClient

beforeAll(async () => {
  client = await EditorClient.start({ 'main.alloy': main, 'out.alloy': out, 'typed.alloy': '' })
  await client.open('main.alloy')
  await client.open('typed.alloy')
})
afterAll(async () => {
  expect(await client.stop()).toBe(0)
})

async function items(piece: string): Promise<readonly CompletionItem[]> {
  await client.replace('typed.alloy', piece.replace('|', ''))
  const found = await client.connection.sendRequest(CompletionRequest.type, client.at('typed.alloy', piece))
  return (found as CompletionList).items
}
const labels = (found: readonly CompletionItem[]) => found.map(({ label }) => label)
async function hoverText(piece: string): Promise<string> {
  const found = await client.connection.sendRequest(HoverRequest.type, client.at('main.alloy', piece))
  return (found!.contents as MarkupContent).value
}

describe('completion', () => {
  test('offers components, custom components and blocks of the language', async () => {
    const found = await items('prometheus.sc|')
    expect(labels(found)).toContain('prometheus.scrape')
    const scrape = found.find(({ label }) => label === 'prometheus.scrape')!
    expect(scrape.textEdit!.newText).toBe('prometheus.scrape "${1:label}" {\n\ttargets    = $2\n\tforward_to = [$3]\n}')
    expect(labels(await items('pipe|'))).toContain('pipeline')
    expect(labels(await items('decl|'))).toContain('declare')
  })

  test('offers arguments that are not given yet, required ones first', async () => {
    const found = await items('prometheus.scrape "x" {\n\ttargets = []\n\t|\n}\n')
    expect(labels(found)).not.toContain('targets')
    const sorted = found.toSorted((a, b) => (a.sortText! < b.sortText! ? -1 : 1))
    expect(sorted[0]).toMatchObject({ label: 'forward_to', detail: expect.stringContaining('required') })
    expect(labels(found)).toContain('scrape_interval')
    expect(labels(found)).toContain('basic_auth')
  })

  test('offers inner blocks and their arguments at any depth', async () => {
    expect(labels(await items('loki.process "x" {\n\tforward_to = []\n\tstage.st|\n}\n'))).toContain(
      'stage.static_labels',
    )
    expect(
      labels(await items('loki.write "x" {\n\tendpoint {\n\t\tbasic_auth {\n\t\t\tuser|\n\t\t}\n\t}\n}\n')),
    ).toContain('username')
  })

  test('offers receivers of the wanted port type and no other', async () => {
    const found = labels(await items('loki.source.file "x" {\n\ttargets = []\n\tforward_to = [|'))
    expect(found).toContain('loki.write.out.receiver')
    expect(found).toContain('pipeline.logs.entry')
    expect(found).not.toContain('prometheus.remote_write.out.receiver')
    expect(found).not.toContain('sys.env')
  })

  test('offers the names of a module to what is inside of it, and not those outside', async () => {
    const text = main.replace('[loki.write.far.receiver]', '[loki.|]')
    await client.replace('main.alloy', text.replace('|', ''))
    const found = await client.connection.sendRequest(CompletionRequest.type, client.at('main.alloy', '[loki.|]'))
    expect(labels((found as CompletionList).items)).toEqual(['loki.write.far.receiver'])
    await client.replace('main.alloy', main)
  })

  test('offers enum values, booleans and functions', async () => {
    expect(labels(await items('logging {\n\tlevel = "|"\n}\n'))).toEqual(['debug', 'info', 'warn', 'error'])
    expect(labels(await items('prometheus.scrape "x" {\n\thonor_labels = |\n}\n'))).toEqual(
      expect.arrayContaining(['true', 'false']),
    )
    const env = (await items('loki.write "x" {\n\tendpoint {\n\t\turl = sys.|\n\t}\n}\n')).find(
      ({ label }) => label === 'sys.env',
    )
    expect(env).toMatchObject({ detail: 'sys.env(name string) string', textEdit: { newText: 'sys.env($0)' } })
  })

  test('replaces the whole dotted name that is being typed', async () => {
    const [found] = await items('loki.source.file "x" {\n\ttargets = []\n\tforward_to = [loki.wri|]\n}\n')
    expect(found!.textEdit).toMatchObject({
      range: { start: { line: 2, character: 15 }, end: { line: 2, character: 23 } },
    })
  })

  test('offers nothing in comments', async () => {
    expect(await items('// prom|')).toEqual([])
    expect(await items('/* prom|')).toEqual([])
  })
})

describe('hover', () => {
  test('shows type, default and documentation', async () => {
    expect(await hoverText('prometheus.scr|ape "api"')).toContain('prometheus.scrape')
    expect(await hoverText('forward|_to = [prometheus')).toMatch(
      /list\(receiver of prometheus\.metrics\)[\s\S]*Required/,
    )
    expect(await hoverText('argument.level.val|ue')).toContain('value: any')
    expect(await hoverText('prometheus.remote_write.out.rec|eiver')).toContain('receiver of prometheus.metrics')
    expect(await hoverText('argument.lev|el.value')).toContain('Lines of this level are kept.')
    expect(await hoverText('pipe|line "logs"')).toContain('level = "info"')
  })
})

describe('navigation', () => {
  const definition = async (piece: string) =>
    (await client.connection.sendRequest(DefinitionRequest.type, client.at('main.alloy', piece))) as Location[]

  test('goes to components of other files, declares, arguments and exports', async () => {
    expect(await definition('remote_write.o|ut.receiver')).toEqual([
      { uri: client.uri('out.alloy'), range: { start: { line: 0, character: 25 }, end: { line: 0, character: 28 } } },
    ])
    expect((await definition('pipe|line "logs"'))[0]!.range).toEqual(client.range('main.alloy', 'declare "|pipeline|"'))
    expect((await definition('\tlev|el = "warn"'))[0]!.range).toEqual(client.range('main.alloy', 'argument "|level|"'))
    expect((await definition('logs.ent|ry'))[0]!.range).toEqual(client.range('main.alloy', 'export "|entry|"'))
  })

  test('finds every reference', async () => {
    const found = await client.connection.sendRequest(ReferencesRequest.type, {
      ...client.at('main.alloy', 'declare "pipe|line"'),
      context: { includeDeclaration: true },
    })
    expect(found).toHaveLength(3)
  })

  test('lists the symbols of a document', async () => {
    const found = (await client.connection.sendRequest(DocumentSymbolRequest.type, {
      textDocument: { uri: client.uri('main.alloy') },
    })) as DocumentSymbol[]
    expect(found.map(({ name }) => name)).toEqual([
      'import.file "lib"',
      'prometheus.scrape "api"',
      'declare "pipeline"',
      'pipeline "logs"',
      'loki.source.file "app"',
    ])
    expect(found[2]!.children!.map(({ name }) => name)).toContain('loki.process "inner"')
  })
})

describe('rename', () => {
  const rename = async (piece: string, newName: string) => {
    const edit = await client.connection.sendRequest(RenameRequest.type, { ...client.at('main.alloy', piece), newName })
    return Object.fromEntries(
      Object.entries(edit!.changes!).map(([uri, edits]) => {
        const name = uri.slice(uri.lastIndexOf('/') + 1)
        return [name, applyEdits(name === 'main.alloy' ? main : out, edits)]
      }),
    )
  }

  test('renames labels in every file, and leaves others of the same name', async () => {
    const found = await rename('remote_write.o|ut.receiver', 'far_away')
    expect(found['main.alloy']).toBe(main.replace('remote_write.out', 'remote_write.far_away'))
    expect(found['out.alloy']).toBe(out.replace('remote_write "out"', 'remote_write "far_away"'))
  })

  test('renames declares, arguments and exports where they are used', async () => {
    expect(await rename('declare "pipe|line"', 'flow')).toEqual({ 'main.alloy': main.replaceAll('pipeline', 'flow') })
    expect(await rename('argument "lev|el"', 'minimum')).toEqual({
      'main.alloy': main
        .replace('argument "level"', 'argument "minimum"')
        .replace('argument.level.value', 'argument.minimum.value')
        .replace('\tlevel = "warn"', '\tminimum = "warn"'),
    })
    expect(await rename('export "ent|ry"', 'input')).toEqual({
      'main.alloy': main.replace('export "entry"', 'export "input"').replace('logs.entry', 'logs.input'),
    })
  })

  test('says what can be renamed, and refuses names that are taken or none', async () => {
    const prepared = await client.connection.sendRequest(
      PrepareRenameRequest.type,
      client.at('main.alloy', 'scrape "a|pi"'),
    )
    expect(prepared).toMatchObject({ placeholder: 'api' })
    expect(
      await client.connection.sendRequest(PrepareRenameRequest.type, client.at('main.alloy', 'forw|ard_to')),
    ).toBeNull()
    await expect(rename('scrape "a|pi"', 'a-b')).rejects.toThrow('Cannot rename to "a-b"')
  })
})

describe('diagnostics', () => {
  test('come with code, place, hint and related places, parser errors and checker errors alike', async () => {
    const text = 'logging {\n\tlevl = "info"\n}\n\nprometheus.remote_write "out" { }\n\nloki.echo "x {\n'
    await client.replace('typed.alloy', text)
    const found = await client.diagnostics('typed.alloy', (each) => each.length >= 3)
    expect(found).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          code: 'unknown-argument',
          message: expect.stringContaining('hint: did you mean "level"?'),
        }),
        expect.objectContaining({ code: 'unterminated-string' }),
        expect.objectContaining({
          code: 'duplicate-block',
          relatedInformation: [
            expect.objectContaining({ location: expect.objectContaining({ uri: client.uri('out.alloy') }) }),
          ],
        }),
      ]),
    )
  })

  test('follow typing, and end when the mistake ends', async () => {
    await client.replace('typed.alloy', 'loki.echo "x" {\r\n\t// ☕𝄞\r\n\t"𝄞é" = "é"\r\n}\r\n')
    const [found] = await client.diagnostics('typed.alloy', (each) =>
      each.some(({ code }) => code === 'unexpected-token'),
    )
    expect(found!.range.start).toEqual({ line: 2, character: 1 })
    await client.edit('typed.alloy', { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } }, '')
    expect(
      await client.diagnostics('typed.alloy', (each) => !each.some(({ severity }) => severity === 1)),
    ).toBeDefined()
  })
})

describe('code actions', () => {
  const actions = async (text: string, code: string): Promise<CodeAction[]> => {
    await client.replace('typed.alloy', text)
    const found = await client.diagnostics('typed.alloy', (each) => each.some((one) => one.code === code))
    const diagnostic = found.find((one) => one.code === code)!
    return (await client.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: client.uri('typed.alloy') },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic] },
    })) as CodeAction[]
  }
  const fixed = async (text: string, code: string): Promise<string> => {
    const [action] = await actions(text, code)
    return applyEdits(text, action!.edit!.changes![client.uri('typed.alloy')]!)
  }

  test('mend names, missing arguments, and blocks given as arguments', async () => {
    expect(await fixed('logging {\n\tlevl = "info"\n}\n', 'unknown-argument')).toBe('logging {\n\tlevel = "info"\n}\n')
    expect(await fixed('local.file "x" { }\n', 'missing-argument')).toBe('local.file "x" {\n\tfilename = ""\n}\n')
    expect(await fixed('loki.write "x" {\n\tendpoint = { url = "http://h" }\n}\n', 'block-given-as-argument')).toBe(
      'loki.write "x" {\n\tendpoint {\n\t\turl = "http://h"\n\t}\n}\n',
    )
    expect(
      await fixed(
        'prometheus.scrape "x" {\n\ttargets = []\n\tforward_to = prometheus.remote_write.out.receiver\n}\n',
        'wrong-type',
      ),
    ).toContain('forward_to = [prometheus.remote_write.out.receiver]')
  })

  test('mend values, the whole of them or the part that is wrong', async () => {
    const file = (line: string) => `local.file "x" {\n\tfilename = "a"\n\t${line}\n}\n`
    expect(await fixed(file('poll_frequency = "1h 30 min"'), 'invalid-value')).toBe(file('poll_frequency = "1h30m"'))
    const rule = (line: string) =>
      `discovery.relabel "x" {\n\ttargets = []\n\n\trule {\n\t\ttarget_label = "a"\n\t\t${line}\n\t}\n}\n`
    expect(await fixed(rule('replacement = "x-$1_y"'), 'doubtful-value')).toBe(rule('replacement = "x-${1}_y"'))
    expect(await fixed(rule('action = "replce"'), 'invalid-value')).toBe(rule('action = "replace"'))
  })

  test('mend texts, and take out what is of no use', async () => {
    expect(await fixed('local.file "x" {\n\tfilename = "a\\d"\n}\n', 'invalid-escape')).toContain('"a\\\\d"')
    expect(await fixed('local.file "x" {\n\tfilename = "a"\n\tdetector = "pol"\n}\n', 'invalid-value')).toContain(
      'detector = "poll"',
    )
    expect(await fixed('local.file "x" {\n\tfilename = "a"\n\tdetector = "fsnotify"\n}\n', 'argument-at-default')).toBe(
      'local.file "x" {\n\tfilename = "a"\n}\n',
    )
    expect(await fixed('import.string "x" {\n\tcontent = ""\n}\n\nlogging { }\n', 'unused-import')).toBe(
      '\nlogging { }\n',
    )
    expect(await fixed('logging { }\nlogging { }\n', 'duplicate-block')).toBe('logging { }\n')
  })

  test('in the text of an import.string mend names, and leave what is around it', async () => {
    const text = (level: string) =>
      `import.string "x" {\n\tcontent = \`declare "d" {\n\tlocal.file "f" {\n\t\t${level}\n\t}\n}\`\n}\n\nx.d "y" { }\n`
    expect(await fixed(text('filenam = "a"'), 'unknown-argument')).toBe(text('filename = "a"'))
    const missing = await actions(text(''), 'missing-argument')
    expect(missing).toEqual([])
  })
})

describe('formatting', () => {
  test('prints the document, and leaves one that cannot be read', async () => {
    const format = async () =>
      (await client.connection.sendRequest(DocumentFormattingRequest.type, {
        textDocument: { uri: client.uri('typed.alloy') },
        options: { tabSize: 4, insertSpaces: true },
      }))!
    await client.replace('typed.alloy', 'logging   {\nlevel="info"\n  format = "json"\n}')
    expect(applyEdits(client.text('typed.alloy'), await format())).toBe(
      'logging {\n\tlevel  = "info"\n\tformat = "json"\n}\n',
    )
    await client.replace('typed.alloy', 'logging {\n level = \n}')
    expect(await format()).toEqual([])
  })
})
