import { fakeEnv, logsBatch, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import post from './component.ts'

const args = { url: 'http://logs.example/lines' }

function answering(status: number) {
  const env = fakeEnv()
  env.http.respond('http://logs.example/', { status })
  return env
}

// What every component must do: describe itself, refuse unknown arguments, stop in time, leave nothing behind.
const send = [{ port: 'receiver', batch: logsBatch(['a line']) }]
testComponent(post, { args, env: () => answering(204), send }, { test })

test('post sends entries as lines of JSON and counts them as sent', async () => {
  const env = answering(204)
  const running = await runComponent(post, { args: { ...args, token: 'open sesame' }, env })
  const outcome = await running.send('receiver', logsBatch(['one', 'two'], { job: 'app' }))
  expect(outcome.status).toBe('delivered')
  const [request] = env.http.requests
  expect(request?.headers['x-token']).toBe('open sesame')
  expect(new TextDecoder().decode(request?.body)).toBe(
    '{"line":"one","labels":{"job":"app"}}\n{"line":"two","labels":{"job":"app"}}\n',
  )
  expect(running.ledger.snapshot).toMatchObject({ in: 2, out: 2 })
  await running.stop()
})

test.each([
  [503, 'refused', { refused: 1, dropped: {} }],
  [400, 'dropped', { refused: 0, dropped: { rejected: 1 } }],
])('post settles a batch that the server answers with %d as %s', async (status, settled, counts) => {
  const running = await runComponent(post, { args, env: answering(status) })
  expect((await running.send('receiver', logsBatch(['a line']))).status).toBe(settled)
  expect(running.ledger.snapshot).toMatchObject(counts)
  expect(running.health.state).toBe('unhealthy')
  await running.stop()
})
