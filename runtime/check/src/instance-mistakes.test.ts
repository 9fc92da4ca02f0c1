import { position } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { checkText } from './testing/check-text.ts'

/** `line code`, and of related places `line message`. */
function told(text: string): unknown[] {
  const { all } = checkText('case.alloy', text, { stability: 'experimental' })
  const line = (start: number | undefined) => position(text, start ?? 0).line
  return all.map(({ code, span, related }) => [
    `${line(span?.start)} ${code}`,
    ...(related ?? []).map((one) => `${line(one.span.start)} ${one.message}`),
  ])
}

const file = `declare "file" {
  argument "path" { }
  local.file "f" {
    filename = argument.path.value
  }
}
`

describe('a mistake in a body with several instances', () => {
  test('is told once', () => {
    const text = 'declare "d" {\n  local.file "f" { filename = [] }\n}\nd "a" { }\nd "b" { }\nd "c" { }\n'
    expect(told(text)).toEqual([['2 wrong-type']])
  })

  test('tells where those were created whose arguments make it', () => {
    const text = `${file}file "a" { path = "/a" }\nfile "b" { path = [] }\nfile "c" { path = {} }\n`
    expect(told(text)).toEqual([['4 wrong-type', '8 created here: file "b"', '9 created here: file "c"']])
  })

  test('tells the way to what was created, and no more of them than anyone reads', () => {
    const outer = 'declare "outer" {\n  argument "path" { }\n  file "inner" { path = argument.path.value }\n}\n'
    const many = Array.from({ length: 9 }, (_, i) => `outer "o${i}" { path = [] }\n`).join('')
    expect(told(file + outer + many)).toEqual([
      [
        '4 wrong-type',
        '9 created here: file "inner"',
        '11 created here: outer "o0"',
        '12 created here: outer "o1"',
        '13 created here: outer "o2"',
      ],
    ])
  })

  test('tells no instance when what is wrong does not come from one', () => {
    const text =
      'declare "d" {\n  argument "x" { }\n  local.file "f" { filename = 1 / 0 }\n}\nd "a" { x = 1 }\nd "b" { x = 2 }\n'
    expect(told(text)).toEqual([['3 division-by-zero']])
    const inner = `${file}declare "d" {\n  file "inner" { path = [] }\n}\nd "a" { }\nd "b" { }\n`
    expect(told(inner)).toEqual([['4 wrong-type', '8 created here: file "inner"']])
  })

  test('tells the item of a foreach', () => {
    const text = `foreach "each" {
  collection = ["a", [1], [2]]
  var        = "item"
  template {
    local.file "f" { filename = item }
  }
}
`
    const [[mistake, creator] = []] = told(text) as string[][]
    expect(mistake).toBe('5 wrong-type')
    expect(creator).toMatch(/^1 created here: foreach "each" as foreach_[0-9a-f]{64}_1$/)
  })
})
