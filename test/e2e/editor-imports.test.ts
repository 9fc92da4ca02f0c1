import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CompletionRequest,
  type CompletionList,
  DefinitionRequest,
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  HoverRequest,
  type MarkupContent,
  RenameRequest,
} from 'vscode-languageserver-protocol/node'
import { applyEdits, EditorClient } from '../servers/editor-client.ts'

const shared = `declare "redact" {
	argument "forward_to" { }

	argument "level" {
		optional = true
	}

	loki.process "inner" {
		forward_to = argument.forward_to.value
	}

	export "receiver" {
		value = loki.process.inner.receiver
	}
}
`
const main = `import.file "lib" {
	filename = "lib/shared.alloy"
}

loki.write "out" {
	endpoint {
		url = "http://127.0.0.1:9/push"
	}
}

lib.redact "app" {
	forward_to = [loki.write.out.receiver]
}

loki.source.file "app" {
	targets    = [{__path__ = "/tmp/none"}]
	forward_to = [lib.redact.app.receiver]
}
`
let client: EditorClient

beforeAll(async () => {
  client = await EditorClient.start({ 'main.alloy': main, 'lib/shared.alloy': shared })
  await client.open('main.alloy')
  await client.open('lib/shared.alloy')
  // The imports are known once the first check is done: this mistake shows that it is.
  await client.replace('main.alloy', `${main}\nlib.redact "typed" {\n\tlevl = "x"\n}\n`)
  const found = await client.diagnostics('main.alloy', (each) => each.some(({ code }) => code === 'unknown-argument'))
  expect(found.find(({ code }) => code === 'unknown-argument')!.message).toContain('did you mean "level"?')
})
afterAll(async () => {
  expect(await client.stop()).toBe(0)
})

const definition = (name: string, piece: string) =>
  client.connection.sendRequest(DefinitionRequest.type, client.at(name, piece))

test('completion offers the custom components of an imported file, and their arguments', async () => {
  const complete = async (piece: string) => {
    await client.replace('main.alloy', main + piece.replace('|', ''))
    const found = await client.connection.sendRequest(CompletionRequest.type, client.at('main.alloy', piece))
    return (found as CompletionList).items.map(({ label }) => label)
  }
  expect(await complete('\nlib.|')).toContain('lib.redact')
  expect(await complete('\nlib.redact "typed" {\n\tf|\n}\n')).toContain('forward_to')
  expect(await complete('\nlib.redact "typed" {\n\tforward_to = [lib.|]\n}\n')).toContain('lib.redact.app.receiver')
})

test('definition leads into the imported file, and to it', async () => {
  const redact = { uri: client.uri('lib/shared.alloy'), range: client.range('lib/shared.alloy', 'declare "|redact|"') }
  expect(await definition('main.alloy', 'lib.red|act "app"')).toEqual([redact])
  expect(await definition('main.alloy', 'redact.app.rec|eiver')).toEqual([
    { ...redact, range: client.range('lib/shared.alloy', 'export "|receiver|"') },
  ])
  expect(await definition('main.alloy', 'lib/sha|red.alloy')).toMatchObject([{ uri: redact.uri }])
  expect(await definition('main.alloy', 'li|b.redact "app"')).toMatchObject([
    { uri: client.uri('main.alloy'), range: client.range('main.alloy', 'import.file "|lib|"') },
  ])
})

test('hover shows the arguments and exports of an imported custom component', async () => {
  const found = await client.connection.sendRequest(HoverRequest.type, client.at('main.alloy', 'lib.red|act "app"'))
  expect((found!.contents as MarkupContent).value).toMatch(/forward_to[\s\S]*Exports: `receiver`/)
})

test('rename changes the imported file and what imports it', async () => {
  await client.replace('main.alloy', main)
  const edit = await client.connection.sendRequest(RenameRequest.type, {
    ...client.at('main.alloy', 'lib.red|act "app"'),
    newName: 'mask',
  })
  const changes = edit!.changes!
  expect(applyEdits(main, changes[client.uri('main.alloy')]!)).toBe(main.replaceAll('lib.redact', 'lib.mask'))
  expect(applyEdits(shared, changes[client.uri('lib/shared.alloy')]!)).toBe(shared.replace('"redact"', '"mask"'))
  const label = await client.connection.sendRequest(RenameRequest.type, {
    ...client.at('main.alloy', 'file "li|b"'),
    newName: 'tools',
  })
  expect(applyEdits(main, label!.changes![client.uri('main.alloy')]!)).toBe(
    main.replace('"lib"', '"tools"').replaceAll('lib.redact', 'tools.redact'),
  )
})

test('arguments and exports of an imported custom component lead to where they are declared', async () => {
  const uri = client.uri('lib/shared.alloy')
  expect(await definition('main.alloy', 'forward|_to = [loki.write.out')).toEqual([
    { uri, range: client.range('lib/shared.alloy', 'argument "|forward_to|"') },
  ])
  expect(await definition('lib/shared.alloy', 'argument.forward|_to.value')).toEqual([
    { uri, range: client.range('lib/shared.alloy', 'argument "|forward_to|"') },
  ])
  const hover = async (piece: string) => {
    const found = await client.connection.sendRequest(HoverRequest.type, client.at('main.alloy', piece))
    return (found!.contents as MarkupContent).value
  }
  expect(await hover('forward|_to = [loki.write.out')).toContain('argument "forward_to"')
  expect(await hover('lib.redact.app.rec|eiver')).toContain('export.receiver')
})

test('rename of an argument or export changes the imported file and every instance', async () => {
  const renamed = async (name: string, piece: string, newName: string) => {
    const edit = await client.connection.sendRequest(RenameRequest.type, { ...client.at(name, piece), newName })
    return {
      main: applyEdits(main, edit!.changes![client.uri('main.alloy')] ?? []),
      shared: applyEdits(shared, edit!.changes![client.uri('lib/shared.alloy')] ?? []),
    }
  }
  const output = {
    main: main.replace('forward_to = [loki.write.out', 'output = [loki.write.out'),
    shared: shared.replace('"forward_to"', '"output"').replace('argument.forward_to', 'argument.output'),
  }
  expect(await renamed('main.alloy', 'forward|_to = [loki.write.out', 'output')).toEqual(output)
  expect(await renamed('lib/shared.alloy', 'argument "forward|_to"', 'output')).toEqual(output)
  const entries = {
    main: main.replace('redact.app.receiver', 'redact.app.entries'),
    shared: shared.replace('export "receiver"', 'export "entries"'),
  }
  expect(await renamed('main.alloy', 'redact.app.rec|eiver', 'entries')).toEqual(entries)
  expect(await renamed('lib/shared.alloy', 'export "rec|eiver"', 'entries')).toEqual(entries)
})

test('what is typed in an open imported file counts before it is saved', async () => {
  await client.replace('lib/shared.alloy', shared.replace('argument "level"', 'argument "minimum"'))
  await client.replace('main.alloy', `${main}\nlib.redact "typed" {\n\tforward_to = []\n\tlevel = "x"\n}\n`)
  await client.diagnostics('main.alloy', (each) => each.some(({ code }) => code === 'unknown-argument'))
})

test('a file that appears in the folder is a part of the configuration', async () => {
  await client.replace('main.alloy', main.replace('loki.write.out', 'loki.write.late'))
  await client.diagnostics('main.alloy', (each) => each.some(({ code }) => code === 'missing-reference'))
  writeFileSync(
    join(client.folder, 'late.alloy'),
    'loki.write "late" {\n\tendpoint {\n\t\turl = "http://127.0.0.1:9"\n\t}\n}\n',
  )
  await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: [{ uri: client.uri('late.alloy'), type: FileChangeType.Created }],
  })
  await client.diagnostics('main.alloy', (each) => !each.some(({ code }) => code === 'missing-reference'))
  expect(await definition('main.alloy', 'loki.write.la|te')).toMatchObject([{ uri: client.uri('late.alloy') }])
})

test('a mistake in the text of an import.string stands at its place in the text', async () => {
  const library = `declare "lib" {\n\targument "to" { }\n\n\tloki.process "inner" {\n\t\tforward_too = argument.to.value\n\t}\n}`
  const text = `import.string "text" {\n\tcontent = \`${library}\`\n}\n\ntext.lib "x" {\n\tto = [loki.write.out.receiver]\n}\n`
  await client.replace('main.alloy', main + text)
  const misnamed = (found: readonly Diagnostic[]) =>
    found.find(({ message }) => String(message).includes('forward_too'))
  const found = await client.diagnostics('main.alloy', (each) => misnamed(each) !== undefined)
  expect(misnamed(found)).toMatchObject({
    code: 'unknown-argument',
    range: client.range('main.alloy', '|forward_too| ='),
  })
  const escaped = `import.string "text" {\n\tcontent = "declare \\"lib\\" {\\n  loki.wrte \\"x\\" { }\\n}"\n}\n\ntext.lib "x" { }\n`
  await client.replace('main.alloy', main + escaped)
  const unknown = (each: readonly Diagnostic[]) => each.find(({ message }) => String(message).includes('loki.wrte'))
  const wholes = await client.diagnostics('main.alloy', (each) => unknown(each) !== undefined)
  const { range } = unknown(wholes)!
  expect(range.start).toEqual(client.at('main.alloy', 'content = |"declare').position)
})
