import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkTemplate } from './check-template.ts'

describe('checkTemplate()', () => {
  test.each([
    '',
    'no action at all, and } too',
    '{{ .Value | ToUpper }}',
    '{{ if eq .a "x" }}y{{ else if .b }}z{{ else }}w{{ end }}',
    '{{ $x := .a }}{{ $x = "b" }}{{ $x }}',
    '{{ if $x := .a }}{{ else }}{{ $x }}{{ end }}',
    '{{ range $i, $v := .l }}{{ $i }}{{ break }}{{ end }}',
    '{{ Replace .Value "a" "b" -1 }}',
    '{{- .a -}} x {{- /* c */ -}}',
    '{{ (index .a 1).b }}',
    '{{ template "x" . }}{{ define "x" }}{{ . }}{{ end }}',
    "{{ 'a' }} {{ 1.5e3 }} {{ 0x1F }} {{ -1 }} {{ print nil }} {{ `raw` }}",
    '{{ $.a.b }}{{ .日本 }}',
    '{{ printf "%s"\n  .a | lower | trunc 5 }}',
    '{{ with $z := .a }}{{ $z }}{{ end }}',
  ])('takes %s', (template) => expect(checkTemplate(template)).toBeUndefined())

  test.each<[string, string, string]>([
    ['{{ if .a }}x', 'if', 'without "{{ end }}"'],
    ['{{ end }}', 'end', 'without a block'],
    ['{{ Foo .x }}', 'Foo', 'does not exist'],
    ['{{ toupper .a }}', 'toupper', 'does not exist'],
    ['a {{ .Value', '{{', 'without "}}"'],
    ['{{ .a }', '{{', 'without "}}"'],
    ['{{ $y }}', '$y', 'not declared'],
    ['{{ with $z := .a }}{{ end }}{{ $z }}', '$z', 'not declared'],
    ['{{ .a | "x" }}', '"x"', 'want a function'],
    ['{{ .x | }}', ' }}', 'want a value after "|"'],
    ['{{}}', '}}', 'want a value'],
    ['{{ else }}', 'else', 'outside of'],
    ['{{ if .a }}{{ else }}{{ else }}{{ end }}', 'else', 'second'],
    ['{{ break }}', 'break', 'outside of "range"'],
    ['{{ "abc }}', '"', 'not closed'],
    ['{{ .a-b }}', '-', 'after ".a"'],
    ['{{ ( .a }}', ' }}', 'want a value'],
    ['{{ .a ) }}', ')', 'want a value'],
    ['{{/* c }}', '{{', 'without "*/"'],
  ])('says where %s goes wrong: at %s', (template, part, reason) => {
    const mistake = checkTemplate(template)
    expect(mistake?.reason).toContain(reason)
    expect(template.slice(mistake?.start, mistake?.end).trim()).toBe(part.trim())
  })

  test('judges any text, at a place inside of it', () => {
    const parts = [
      '{{',
      '}}',
      '{{-',
      '-}}',
      ' ',
      '.a',
      '$x',
      ':=',
      '|',
      '(',
      ')',
      'if',
      'end',
      'else',
      'range',
      '"',
      '`',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts, 'len', ',', '/*', '*/', '1'), { maxLength: 30 }), (some) => {
        const text = some.join('')
        const { start = 0, end = 0 } = checkTemplate(text) ?? {}
        expect(start >= 0 && start <= end && end <= text.length).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  test('refuses what is nested too deep', () => {
    expect(checkTemplate(`{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`)?.reason).toContain('deeper')
    expect(checkTemplate('{{ if .a }}'.repeat(5000))?.reason).toContain('deeper')
  })
})
