import { makeOptionalSecret, type ObjectValue } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { checkText } from './testing/check-text.ts'

const text = `
local.file "list" { filename = "/list" }
foreach "outer" {
  collection = encoding.from_json(local.file.list.content)
  var        = "outer"
  id         = "name"
  template {
    foreach "inner" {
      collection = outer.paths
      var        = "path"
      template {
        local.file "f" { filename = path }
      }
    }
  }
}
`
const live = (list: unknown) => ({
  exports: (id: string): ObjectValue | undefined =>
    id === 'local.file.list' ? { content: makeOptionalSecret(JSON.stringify(list), false) } : undefined,
})
const items = new Map([
  ['foreach.outer', { variable: 'outer', keys: ['foreach_a_1'] }],
  ['foreach.outer/foreach_a_1/foreach.inner', { variable: 'path', keys: ['foreach__x_1'] }],
])
const ids = (options: Parameters<typeof checkText>[2]): readonly string[] => {
  const { graph, printed } = checkText('case.alloy', text, { stability: 'experimental', ...options })
  expect(printed).toBe('')
  return [...graph.nodes.values()].filter(({ kind }) => kind === 'component').map(({ id }) => id)
}

describe('the items of a foreach', () => {
  test('are those of its collection, level by level', () => {
    const list = [
      { name: 'a', paths: ['/x', '/y'] },
      { name: 'b', paths: [] },
    ]
    const wanted = [
      'local.file.list',
      'foreach.outer/foreach_a_1/foreach.inner/foreach__x_1/local.file.f',
      'foreach.outer/foreach_a_1/foreach.inner/foreach__y_1/local.file.f',
    ]
    expect(ids({ live: live(list) })).toEqual(wanted)
    expect(ids({ live: live(list), items })).toEqual(wanted)
    expect(ids({ live: live([]), items })).toEqual(['local.file.list'])
  })

  test('stay while the collection has no value, and are none without any', () => {
    expect(ids({})).toEqual(['local.file.list'])
    expect(ids({ items })).toEqual([
      'local.file.list',
      'foreach.outer/foreach_a_1/foreach.inner/foreach__x_1/local.file.f',
    ])
  })

  test('have values that their components get', () => {
    const options = { stability: 'experimental', live: live([{ name: 'a', paths: ['/x'] }]) } as const
    const { frames } = checkText('case.alloy', text, options)
    expect(frames.get('foreach.outer/foreach_a_1/foreach.inner/foreach__x_1/local.file.f')!.value).toEqual({
      filename: '/x',
    })
  })
})
