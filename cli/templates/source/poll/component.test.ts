import { fakeEnv, linesOf, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import poll from './component.ts'

const args = { url: 'http://app.example/status', interval: '1m' }

function answering(body: string, status = 200) {
  const env = fakeEnv()
  env.http.respond('http://app.example/', { body, status })
  return env
}

// What every component must do: describe itself, refuse unknown arguments, stop in time, leave nothing behind.
testComponent(poll, { args, env: () => answering('up') }, { test })

test('poll makes an entry of each line, at each interval', async () => {
  const env = answering('up\nload 0.5\n')
  const running = await runComponent(poll, { args, env })
  expect(linesOf(...running.output().batches)).toEqual(['up', 'load 0.5'])
  await env.clock.advance(60_000)
  expect(env.http.requests).toHaveLength(2)
  expect(running.ledger.snapshot).toMatchObject({ created: 4, out: 4 })
  await running.stop()
})

test('poll says what is wrong and goes on', async () => {
  const env = answering('no', 500)
  const running = await runComponent(poll, { args, env })
  expect(running.health).toMatchObject({ state: 'unhealthy', message: expect.stringContaining('found status 500') })
  env.http.respond('http://app.example/', { body: 'up' })
  await env.clock.advance(60_000)
  expect(running.health.state).toBe('healthy')
  expect(linesOf(...running.output().batches)).toEqual(['up'])
  await running.stop()
})
