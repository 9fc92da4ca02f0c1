import { expect, test } from 'vitest'
import { moduleAdvisories, osvRecord } from './advisory.ts'

const record = (affected: object, more: object = {}) =>
  osvRecord.parse({
    id: 'INGOT-1',
    modified: '2026-11-01T00:00:00Z',
    summary: 'reads what it must not',
    affected: [affected],
    ...more,
  })
const redact = { package: { ecosystem: 'Ingot', name: '@acme/redact' } }

test('moduleAdvisories() reads ranges and versions of an OSV record', () => {
  const events = [
    { introduced: '0' },
    { fixed: '1.2.3' },
    { introduced: '2.0.0' },
    { last_affected: '2.1.0' },
    { introduced: '3.0.0' },
  ]
  expect(moduleAdvisories(record({ ...redact, ranges: [{ type: 'SEMVER', events }], versions: ['1.9.9'] }))).toEqual([
    {
      id: 'INGOT-1',
      module: '@acme/redact',
      summary: 'reads what it must not',
      affected: '>=0.0.0-0 <1.2.3 || >=2.0.0 <=2.1.0 || >=3.0.0 || =1.9.9',
      fixed: ['1.2.3'],
    },
  ])
})

test('moduleAdvisories() takes nothing of other ecosystems, kinds of ranges, or what was withdrawn', () => {
  const ranges = [{ type: 'SEMVER', events: [{ introduced: '0' }] }]
  expect(moduleAdvisories(record({ package: { ecosystem: 'npm', name: 'redact' }, ranges }))).toEqual([])
  expect(moduleAdvisories(record({ ...redact, ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }))).toEqual([])
  expect(moduleAdvisories(record({ ...redact, ranges }, { withdrawn: '2026-11-02T00:00:00Z' }))).toEqual([])
})
