import snappy from 'snappy'
import { expect, test } from 'vitest'
import { Receiver } from './receiver.ts'
import { encodeMessage } from './wire-formats.ts'

test('a receiver decodes what is pushed, and answers as it is told', async () => {
  let status = 200
  const receiver = new Receiver({ status: () => status })
  const { http } = await receiver.start()
  const push = { streams: [{ labels: '{job="x"}', entries: [{ timestamp: { seconds: 5, nanos: 7 }, line: 'hello' }] }] }
  const send = () =>
    fetch(`http://${http}/loki/api/v1/push`, {
      method: 'POST',
      body: snappy.compressSync(Buffer.from(encodeMessage('lokiPush', push))) as Buffer<ArrayBuffer>,
    })
  expect((await send()).status).toBe(204)
  status = 503
  expect((await send()).status).toBe(503)
  expect(receiver.received).toMatchObject([{ format: 'lokiPush', records: 1 }])
  expect(receiver.messages('lokiPush')).toMatchObject([
    { streams: [{ labels: '{job="x"}', entries: [{ line: 'hello' }] }] },
  ])
  await receiver.stop()
})
