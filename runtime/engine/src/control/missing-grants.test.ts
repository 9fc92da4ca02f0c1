import type { Validated } from '@ingot/check'
import { expect, test } from 'vitest'
import type { ImportLoader } from './load-imports.ts'
import { missingGrants } from './missing-grants.ts'

const capabilities = {
  'http.request': [
    { why: 'posts to the endpoint', from: 'endpoint' },
    { why: 'looks addresses up', values: ['https://api.acme.example'] },
  ],
  clock: [{ why: 'waits' }],
}

function missing(grant: Readonly<Record<string, readonly string[]>>, own: object = capabilities) {
  const block = { head: { start: 3, end: 9 } }
  const node = { kind: 'component', component: 'key', name: 'acme.lookup', file: 'config.alloy', block }
  const validated = { graph: { nodes: new Map([['acme.lookup.x', node]]) } } as unknown as Validated
  const components = new Map([['key', { loaded: { component: { capabilities: own } }, from: { grant } }]])
  return missingGrants(validated, { components } as unknown as ImportLoader)
}

test('missingGrants() names the power, why it is needed and the block to add', () => {
  expect(missing({})).toMatchObject([
    {
      code: 'missing-grant',
      file: 'config.alloy',
      span: { start: 3, end: 9 },
      message:
        'Cannot use acme.lookup: its module needs http.request (posts to the endpoint; looks addresses up) and nothing of it is granted',
      hint: 'add grant { http_request = ["https://api.acme.example"] } to its import.module',
    },
  ])
})

test('missingGrants() is content with a part, with designation and with powers that have no target', () => {
  expect(missing({ http_request: ['https://api.acme.example'] })).toEqual([])
  expect(missing({}, { clock: capabilities.clock, 'fs.read': [{ why: 'reads it', from: 'path' }] })).toEqual([])
})
