import { refused } from '@ingot/sdk'
import { linesOf, logsBatch, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import keep from './component.ts'

const args = { containing: 'error' }

// What every component must do: describe itself, refuse unknown arguments, stop in time, leave nothing behind.
testComponent(keep, { args, send: [{ port: 'receiver', batch: logsBatch(['an error']) }] }, { test })

test('keep passes on the lines that contain the text and counts the others', async () => {
  const running = await runComponent(keep, { args })
  const outcome = await running.send('receiver', logsBatch(['an error', 'all is well', 'another error']))
  expect(outcome.status).toBe('delivered')
  expect(linesOf(...running.output().batches)).toEqual(['an error', 'another error'])
  expect(running.ledger.snapshot).toMatchObject({ in: 3, out: 2, dropped: { no_match: 1 } })
  await running.stop()
})

test('keep gives back what its receiver refuses', async () => {
  const running = await runComponent(keep, { args })
  running.output().outcome = refused('full')
  expect(await running.send('receiver', logsBatch(['an error', 'all is well']))).toMatchObject({ status: 'refused' })
  expect(running.ledger.snapshot).toMatchObject({ refused: 2, dropped: {} })
  await running.stop()
})
