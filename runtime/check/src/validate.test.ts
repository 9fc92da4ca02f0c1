import type { LoadedImport } from '@ingot/graph'
import { makeOptionalSecret, type ObjectValue, parse } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { checkText } from './testing/check-text.ts'

function source(name: string, text: string) {
  const { file, diagnostics } = parse(name, text)
  expect(diagnostics).toEqual([])
  return file
}

describe('validate() with imports', () => {
  const main = `
import.file "lib" { filename = file.path_join(module_path, "lib.alloy") }
lib.pipe "x" { to = [loki.write.x.receiver] }
loki.write "x" { endpoint { url = "http://localhost" } }
loki.source.file "x" {
  targets    = []
  forward_to = [lib.pipe.x.receiver]
}
`
  const lib = `
import.module "redact" {
  module = "@acme/redact"
}
declare "pipe" {
  argument "to" { }
  redact.process "x" { forward_to = argument.to.value }
  local.file "path" { filename = module_path }
  export "receiver" { value = redact.process.x.receiver }
}
`
  const file: LoadedImport = { kind: 'files', files: [source('lib.alloy', lib)], modulePath: '/lib' }
  const components = new Map([['process', '@acme/redact@1.0.0#loki.process']])
  const module: LoadedImport = { kind: 'module', components, files: [], modulePath: '/etc/ingot' }

  test('asks for what is not loaded, step by step, without errors that follow from it', () => {
    const first = checkText('main.alloy', main)
    expect(first.printed).toBe('')
    expect(first.neededImports.map(({ id }) => id)).toEqual(['import.file.lib'])
    const [attribute] = first.evaluation.results.get('import.file.lib')!.block.attributes
    expect(attribute!.value).toBe('/etc/ingot/lib.alloy')
    const second = checkText('main.alloy', main, { imports: new Map([['import.file.lib', file]]) })
    expect(second.printed).toBe('')
    expect(second.neededImports.map(({ id }) => id)).toEqual(['import.file.lib/import.module.redact'])
  })

  test('has the components of an imported module under its namespace, inside of the importing file', () => {
    const imports = new Map<string, LoadedImport>([
      ['import.file.lib', file],
      ['import.file.lib/import.module.redact', module],
    ])
    const { printed, graph, frames, neededImports } = checkText('main.alloy', main, { imports })
    expect(printed).toBe('')
    expect(neededImports).toEqual([])
    expect(graph.nodes.get('lib.pipe.x/redact.process.x')).toMatchObject({
      kind: 'component',
      component: '@acme/redact@1.0.0#loki.process',
    })
    expect(frames.get('loki.source.file.x')!.outputs[0]!.receivers[0]!.component).toBe('lib.pipe.x/redact.process.x')
    expect(frames.get('lib.pipe.x/local.file.path')!.value).toEqual({ filename: '/lib' })
  })

  test('keeps nested imports private to the file that has them', () => {
    const imports = new Map<string, LoadedImport>([
      ['import.file.lib', file],
      ['import.file.lib/import.module.redact', module],
    ])
    const text = `${main}lib.redact.process "x" { forward_to = [] }\nredact.process "x" { forward_to = [] }`
    const { all } = checkText('main.alloy', text, { imports })
    expect(all.map(({ code }) => code)).toEqual(['unknown-component', 'unknown-component'])
  })

  test('takes only declares and imports from imported files', () => {
    const bad: LoadedImport = { kind: 'files', files: [source('bad.alloy', 'logging { }\n')], modulePath: '/lib' }
    const { all } = checkText('main.alloy', 'import.file "lib" { filename = "x" }', {
      imports: new Map([['import.file.lib', bad]]),
    })
    expect(all).toMatchObject([{ code: 'misplaced-block', file: 'bad.alloy' }])
  })

  test('says nothing more of an import that failed', () => {
    const imports = new Map<string, LoadedImport>([['import.file.lib', { kind: 'failed' }]])
    const { printed, neededImports } = checkText('main.alloy', main, { imports })
    expect(printed).toBe('')
    expect(neededImports).toEqual([])
  })
})

describe('validate() before components have run', () => {
  const text = `
local.file "x" { filename = "x" }
local.file "y" { filename = encoding.from_json(local.file.x.content)["name"] }
`
  test('lets wait what needs the content of an export', () => {
    const { printed, evaluation, frames } = checkText('case.alloy', text)
    expect(printed).toBe('')
    expect(evaluation.results.get('local.file.y')!.status).toBe('waiting')
    expect(frames.has('local.file.y')).toBe(false)
  })

  test('lets wait what the empty content of an export does not fit', () => {
    const empty = `
local.file "x" { filename = "x" }
prometheus.scrape "x" {
  targets         = []
  forward_to      = []
  scrape_interval = convert.nonsensitive(local.file.x.content)
}
`
    const { printed, frames } = checkText('case.alloy', empty)
    expect(printed).toBe('')
    expect(frames.has('prometheus.scrape.x')).toBe(false)
  })

  test('lets nothing wait for receivers, which are always there', () => {
    const wrong = `
prometheus.scrape "x" {
  targets    = []
  forward_to = [[prometheus.remote_write.x.receiver][1]]
}
prometheus.remote_write "x" { }
`
    expect(checkText('case.alloy', wrong).all.map(({ code }) => code)).toEqual(['index-out-of-range'])
  })

  test('evaluates it with live exports', () => {
    const content = makeOptionalSecret('{"name": "z"}', false)
    const exports = (id: string): ObjectValue | undefined => (id === 'local.file.x' ? { content } : undefined)
    const { printed, frames } = checkText('case.alloy', text, { live: { exports } })
    expect(printed).toBe('')
    expect(frames.get('local.file.y')!.value).toEqual({ filename: 'z' })
  })

  test('reports it when the live content is wrong', () => {
    const exports = (): ObjectValue => ({ content: makeOptionalSecret('{', false) })
    expect(checkText('case.alloy', text, { live: { exports } }).all.map(({ code }) => code)).toEqual([
      'function-failed',
    ])
  })
})

describe('facts of nodes', () => {
  const text = `
prometheus.scrape "x" {
  targets    = discovery.relabel.x.output
  forward_to = [prometheus.remote_write.x.receiver]
}
discovery.relabel "x" { targets = [] }
prometheus.remote_write "x" { }
`
  test('data flows to whose receiver is used and to who reads a value', () => {
    const { evaluation } = checkText('case.alloy', text)
    expect(evaluation.facts('prometheus.scrape.x')).toEqual({
      localID: 'prometheus.scrape.x',
      moduleID: '',
      referencesTo: ['discovery.relabel.x', 'prometheus.remote_write.x'],
      referencedBy: [],
      dataFlowEdgesTo: ['prometheus.remote_write.x'],
      createdModuleIDs: [],
    })
    expect(evaluation.facts('discovery.relabel.x')).toMatchObject({
      referencedBy: ['prometheus.scrape.x'],
      dataFlowEdgesTo: ['prometheus.scrape.x'],
    })
    expect(evaluation.facts('prometheus.remote_write.x').dataFlowEdgesTo).toEqual([])
  })
})
