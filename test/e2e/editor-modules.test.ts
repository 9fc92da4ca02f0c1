import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CodeAction,
  CodeActionRequest,
  CompletionRequest,
  type CompletionList,
  DefinitionRequest,
  HoverRequest,
  type MarkupContent,
} from 'vscode-languageserver-protocol/node'
import { applyEdits, EditorClient } from '../servers/editor-client.ts'
import { TestRegistry } from '../servers/registry.ts'

const redact = fileURLToPath(new URL('../../examples/modules/redact', import.meta.url))
const mask = fileURLToPath(new URL('../scenario/testdata/mask-module', import.meta.url))
const asking = fileURLToPath(new URL('../scenario/testdata/asking-module', import.meta.url))

let registry: TestRegistry
let client: EditorClient
let config: string

beforeAll(async () => {
  registry = await TestRegistry.start(mkdtempSync(join(tmpdir(), 'ingot-editor-registry-')))
  await registry.publish(redact)
  await registry.publish(asking)
  await registry.publish(mask)
  config = `${registry.block('@acme')}

import.module "redact" {
	module  = "@acme/redact"
	version = "^1.0.0"
}

import.module "asking" {
	module  = "@acme/asking"
	version = "^1.0.0"
}

import.module "mask" {
	module  = "@acme/mask"
	version = "^1.0.0"
}

loki.write "out" {
	endpoint {
		url = "http://127.0.0.1:9/push"
	}
}

redact.pii "app" {
	forward_to = [loki.write.out.receiver]
}
`
  client = await EditorClient.start({ 'config.alloy': config })
  await registry.pin(client.folder, '@acme/redact', 'redact')
  await registry.pin(client.folder, '@acme/asking', 'asking')
  await registry.pin(client.folder, '@acme/mask', 'mask')
  await registry.stop()
  await client.open('config.alloy')
  await client.replace('config.alloy', `${config}\nredact.pii "typed" {\n\tforward_too = []\n}\n`)
  const wrong = await client.diagnostics('config.alloy', (each) => each.some(({ code }) => code === 'unknown-argument'))
  expect(wrong.find(({ code }) => code === 'unknown-argument')!.message).toContain('did you mean "forward_to"?')
})
afterAll(async () => {
  expect(await client.stop()).toBe(0)
})

async function complete(piece: string) {
  await client.replace('config.alloy', config + piece.replace('|', ''))
  const found = await client.connection.sendRequest(CompletionRequest.type, client.at('config.alloy', piece))
  return (found as CompletionList).items.map(({ label }) => label)
}

test('completion offers the components of an imported module, their arguments and their receivers', async () => {
  expect(await complete('\nreda|')).toContain('redact.pii')
  expect(await complete('\nredact.pii "typed" {\n\tforw|\n}\n')).toContain('forward_to')
  const receivers = await complete('\nloki.source.file "typed" {\n\ttargets = []\n\tforward_to = [|]\n}\n')
  expect(receivers).toEqual(expect.arrayContaining(['redact.pii.app.receiver', 'loki.write.out.receiver']))
})

test('functions of an imported module are completed, shown with their signature, and lead to the import', async () => {
  const piece = '\nlocal.file "typed" {\n\tfilename = mask.endpo|int("eu", 3)\n}\n'
  expect(await complete('\nlocal.file "typed" {\n\tfilename = mas|\n}\n')).toContain('mask.endpoint')
  await client.replace('config.alloy', config + piece.replace('|', ''))
  const hover = await client.connection.sendRequest(HoverRequest.type, client.at('config.alloy', piece))
  const { value } = hover!.contents as MarkupContent
  expect(value).toContain('mask.endpoint(region: one of "eu", "us", shard?: number, ...path: string): string')
  expect(value).toContain('The address of a shard.')
  const at = client.at('config.alloy', piece.replace('|', '').replace('mask.', 'ma|sk.'))
  const found = await client.connection.sendRequest(DefinitionRequest.type, at)
  expect(JSON.stringify(found)).toContain(`"line":${config.split('import.module "mask"')[0]!.split('\n').length - 1}`)
  await client.replace('config.alloy', config + piece.replace('|', '').replace('"eu", 3', '"mars"'))
  const wrong = await client.diagnostics('config.alloy', (each) => each.some(({ code }) => code === 'invalid-argument'))
  expect(wrong.some(({ message }) => String(message).includes('argument "region": found "mars"'))).toBe(true)
})

test('hover shows the manifest, and definition leads to the import', async () => {
  const hover = await client.connection.sendRequest(HoverRequest.type, client.at('config.alloy', 'redact.p|ii "app"'))
  expect((hover!.contents as MarkupContent).value).toContain('receiver of loki.logs')
  const found = await client.connection.sendRequest(
    DefinitionRequest.type,
    client.at('config.alloy', 'red|act.pii "app"'),
  )
  expect(found).toMatchObject([{ range: client.range('config.alloy', 'import.module "|redact|"') }])
})

test('a power that a module needs is granted by a fix that has to be chosen', async () => {
  const granted = async (text: string) => {
    await client.replace('config.alloy', text)
    const found = await client.diagnostics('config.alloy', (each) => each.some(({ code }) => code === 'missing-grant'))
    const diagnostic = found.find(({ code }) => code === 'missing-grant')!
    const actions = await client.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: client.uri('config.alloy') },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic] },
    })
    const [action] = actions as CodeAction[]
    expect(action!.isPreferred).toBe(false)
    return applyEdits(text, action!.edit!.changes![client.uri('config.alloy')]!)
  }
  const text = `${config}\nasking.lookup "app" {\n\tforward_to = [loki.write.out.receiver]\n}\n`
  const imported = 'import.module "asking" {\n'
  const grant = '\tgrant {\n\t\thttp_request = ["https://api.acme.example"]\n\t}\n'
  expect(await granted(text)).toBe(text.replace(imported, imported + grant))
  await client.replace('config.alloy', text.replace(imported, imported + grant))
  await client.diagnostics('config.alloy', (each) => !each.some(({ code }) => code === 'missing-grant'))
})
