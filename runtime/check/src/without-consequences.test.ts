import { parse } from '@ingot/syntax'
import { expect, test } from 'vitest'
import { checkText } from './testing/check-text.ts'
import { withoutConsequences } from './without-consequences.ts'

test('withoutConsequences() leaves out what is found in a block that could not be read', () => {
  const text = `local.file "a" {
	filename = 'x'
}

local.file "b" { }
`
  const { file, diagnostics } = parse('main.alloy', text)
  const { diagnostics: found } = checkText('main.alloy', text)
  const kept = withoutConsequences([...found, { ...found[0]!, file: 'other.alloy' }], [file], diagnostics)
  expect(diagnostics.map(({ code }) => code)).toEqual(['illegal-quote'])
  expect(kept.map((each) => [each.file, each.code])).toEqual([
    ['main.alloy', 'missing-argument'],
    ['other.alloy', found[0]!.code],
  ])
})
