import { runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import relabel from './component.ts'

const args = {
  targets: [
    { __address__: 'a:1', job: 'api', tmp: 'x' },
    { __address__: 'b:1', job: 'db' },
  ],
  rule: [
    { action: 'keep', source_labels: ['job'], regex: 'api' },
    { source_labels: ['__address__'], regex: '(.*):.*', target_label: 'host' },
    { action: 'labeldrop', regex: 'tmp' },
  ],
}
testComponent(relabel, { args }, { test })

test('discovery.relabel exports the targets that its rules leave, and the rules', async () => {
  const run = await runComponent(relabel, { args })
  expect(run.exports['output']).toEqual([{ __address__: 'a:1', job: 'api', host: 'a' }])
  expect(run.exports['rules']).toHaveLength(3)
  await run.update({ ...args, rule: [] })
  expect(run.exports['output']).toEqual(args.targets)
  await run.stop()
})
