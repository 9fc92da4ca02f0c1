import { describe, expect, test } from 'vitest'
import { putImport } from './put-import.ts'

const wanted = { namespace: 'redact', module: '@acme/redact', version: '^1.4.0' }
const block = 'import.module "redact" {\n\tmodule  = "@acme/redact"\n\tversion = "^1.4.0"\n}\n'
const put = (text: string): string => putImport('main.alloy', text, wanted)

describe('putImport()', () => {
  test('writes the first lines of an empty file', () => {
    expect(put('')).toBe(block)
    expect(put('\n')).toBe(block)
  })

  test('stands before a configuration without registries', () => {
    expect(put('// mine\nlogging { }\n')).toBe(`${block}\n// mine\nlogging { }\n`)
  })

  test('stands after the last registry or import, behind its comment', () => {
    const before = 'registry "acme" { url = "x" } // ours\n'
    expect(put(`${before}logging { }\n`)).toBe(`${before}\n${block}logging { }\n`)
    expect(put(`${before}import.file "a" { filename = "a" }`)).toBe(
      `${before}import.file "a" { filename = "a" }\n${block}`,
    )
  })

  test('changes module and version of its block, and nothing else', () => {
    const text = (module: string, version: string): string =>
      `import.module "redact" {\n\tversion = ${version} // pinned\n\tmodule = ${module}\n\tgrant {\n\t\tenv_read = ["A"]\n\t}\n}\nimport.module "other" {\n\tversion = "1"\n}\n`
    expect(put(text('"@acme/old"', '"1.0.0" '))).toBe(text('"@acme/redact"', '"^1.4.0" '))
  })

  test('adds what its block lacks', () => {
    expect(put('import.module "redact" {\n\tversion = "1"\n}\n')).toBe(
      'import.module "redact" {\n\tmodule = "@acme/redact"\n\tversion = "^1.4.0"\n}\n',
    )
    expect(put('import.module "redact" { }\n')).toBe(
      'import.module "redact" {\n\tmodule = "@acme/redact"\n\tversion = "^1.4.0"\n}\n',
    )
  })

  test('changes nothing when it is there already', () => {
    const text = put('logging { }\n')
    expect(put(text)).toBe(text)
  })
})
