import { describe, expect, test } from 'vitest'
import { diagnose } from './diagnose.ts'
import { renderDiagnostics } from './render-diagnostics.ts'

const plain = { color: false }

describe('renderDiagnostics()', () => {
  test('shows place, code, message, line, carets and hint', () => {
    const text = 'local.file "x" {\n  filenam = "/etc/app.conf"\n}\n'
    const message = 'Cannot set "filenam" on local.file: no such argument'
    const place = { file: 'pipeline.alloy', span: { start: 19, end: 26 } }
    const diagnostic = diagnose('unknown-argument', place, message, { nearest: 'filename' })
    expect(renderDiagnostics([diagnostic], new Map([['pipeline.alloy', text]]), plain)).toBe(
      `pipeline.alloy:2:3: error[unknown-argument]: Cannot set "filenam" on local.file: no such argument
  2 |   filenam = "/etc/app.conf"
    |   ^^^^^^^
  hint: did you mean "filename"?
`,
    )
  })

  test('lines carets up under tabs, wide and combining characters', () => {
    const text = '\t日本 = "e\u0301" x\n'
    const rendered = renderDiagnostics(
      [diagnose('unexpected-token', { file: 'a', span: { start: text.indexOf('x'), end: text.length - 1 } }, 'Cannot')],
      new Map([['a', text]]),
      plain,
    )
    expect(rendered.split('\n').slice(1, 3)).toEqual(['  1 |     日本 = "e\u0301" x', '    |                ^'])
  })

  test('underlines only the first line of a long place', () => {
    const text = 'a {\n\tb = 1\n}\n'
    const rendered = renderDiagnostics(
      [diagnose('duplicate-block', { file: 'f', span: { start: 0, end: 12 } }, 'Cannot')],
      new Map([['f', text]]),
      plain,
    )
    expect(rendered).toBe('f:1:1: error[duplicate-block]: Cannot\n  1 | a {\n    | ^^^\n')
  })

  test('shows the places that belong to a mistake', () => {
    const text = 'a = 1\na = 2\n'
    const diagnostic = {
      ...diagnose('duplicate-argument', { file: 'f', span: { start: 6, end: 7 } }, 'Cannot set "a" twice'),
      related: [{ message: 'first set here', file: 'f', span: { start: 0, end: 1 } }],
    }
    expect(renderDiagnostics([diagnostic], new Map([['f', text]]), plain))
      .toBe(`f:2:1: error[duplicate-argument]: Cannot set "a" twice
  2 | a = 2
    | ^
  f:1:1: first set here
  1 | a = 1
    | ^
  hint: keep one of the two
`)
  })

  test('needs neither a place nor a text', () => {
    const noPlace = diagnose('unreadable-file', { file: 'a.alloy' }, 'Cannot read file: no such file')
    const noText = diagnose('cycle', { file: 'b.alloy', span: { start: 5, end: 6 } }, 'Cannot order components')
    expect(renderDiagnostics([noPlace, noText], new Map(), plain)).toBe(
      'a.alloy: error[unreadable-file]: Cannot read file: no such file\nb.alloy: error[cycle]: Cannot order components\n',
    )
  })

  test('lets nothing of a configuration steer the terminal', () => {
    const text = `a = "\u001B[31m\u202E" + \u0007\n`
    const diagnostic = diagnose('illegal-character', { file: 'a', span: { start: 15, end: 16 } }, 'Cannot\nread')
    const rendered = renderDiagnostics([diagnostic], new Map([['a', text]]), plain)
    expect(rendered).not.toMatch(/[^\P{Cc}\n]|\u202E/u)
    expect(rendered.split('\n')).toHaveLength(4)
  })

  test('cuts very long lines around the place', () => {
    const text = `a = "${'x'.repeat(100_000)}" ?\n`
    const start = text.indexOf('?')
    const rendered = renderDiagnostics(
      [diagnose('illegal-character', { file: 'a', span: { start, end: start + 1 } }, 'Cannot')],
      new Map([['a', text]]),
      plain,
    )
    expect(rendered.length).toBeLessThan(500)
    const [, line, carets] = rendered.split('\n')
    expect(line![carets!.indexOf('^')]).toBe('?')
  })

  test('colours for a terminal', () => {
    const diagnostic = diagnose('deprecated-function', { file: 'a' }, 'Cannot', { replacement: 'sys.env' })
    expect(renderDiagnostics([diagnostic], new Map(), { color: true })).toContain(
      '\u001B[33mwarning[deprecated-function]:\u001B[0m',
    )
  })
})
