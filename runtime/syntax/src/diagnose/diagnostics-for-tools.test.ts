import { expect, test } from 'vitest'
import { diagnose } from './diagnose.ts'
import { diagnosticsToJson } from './diagnostics-json.ts'
import { diagnosticsToSarif } from './diagnostics-sarif.ts'

const text = 'a {\n\tb = "😀" x\n}\n'
const start = text.indexOf('x')
const unexpected = diagnose(
  'unexpected-token',
  { file: 'my file.alloy', span: { start, end: start + 1 } },
  'Cannot read',
)
const related = [{ message: 'the block is here', file: 'my file.alloy', span: { start: 0, end: 1 } }]
const unused = diagnose('unused-import', { file: 'other.alloy' }, 'Nothing uses it')
const diagnostics = [{ ...unexpected, related }, unused]
const sources = new Map([['my file.alloy', text]])

test('diagnosticsToJson() gives positions in lines and code points, where there is a text', () => {
  expect(diagnosticsToJson(diagnostics, sources).diagnostics).toEqual([
    {
      code: 'unexpected-token',
      severity: 'error',
      message: 'Cannot read',
      file: 'my file.alloy',
      range: { start: { line: 2, column: 10 }, end: { line: 2, column: 11 } },
      related: [
        {
          message: 'the block is here',
          file: 'my file.alloy',
          range: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } },
        },
      ],
    },
    {
      code: 'unused-import',
      severity: 'warning',
      message: 'Nothing uses it',
      hint: 'remove the import',
      file: 'other.alloy',
    },
  ])
})

test('diagnosticsToSarif() names each rule once, and places results', () => {
  const log = diagnosticsToSarif([...diagnostics, unused], sources) as {
    version: string
    runs: [{ tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }]
  }
  expect(log.version).toBe('2.1.0')
  const [{ tool, results }] = log.runs
  expect(tool.driver.rules.map(({ id }) => id)).toEqual(['unexpected-token', 'unused-import'])
  expect(results.map(({ ruleIndex, level }) => [ruleIndex, level])).toEqual([
    [0, 'error'],
    [1, 'warning'],
    [1, 'warning'],
  ])
  expect(results[0]!['locations']).toEqual([
    {
      physicalLocation: {
        artifactLocation: { uri: 'my%20file.alloy' },
        region: { startLine: 2, startColumn: 10, endLine: 2, endColumn: 11 },
      },
    },
  ])
})
