import { fakeEnv, runComponent, testComponent } from '@ingot/testing'
import { Secret } from '@ingot/sdk'
import { expect, test } from 'vitest'
import file from './component.ts'

const env = () => fakeEnv({ files: { '/etc/app.conf': 'one' } })
testComponent(file, { args: { filename: '/etc/app.conf' }, env }, { test })

test('local.file exports the content, and its changes after an event or the poll frequency', async () => {
  for (const detector of ['fsnotify', 'poll']) {
    const world = env()
    const run = await runComponent(file, {
      args: { filename: '/etc/app.conf', detector, poll_frequency: '10s' },
      env: world,
    })
    expect(run.exports['content']).toBe('one')
    world.files.write('/etc/app.conf', 'two')
    await world.clock.advance(10_000)
    expect(run.exports['content']).toBe('two')
    await run.stop()
  }
})

test('local.file keeps the last content and turns unhealthy while the file is gone', async () => {
  const world = env()
  const run = await runComponent(file, { args: { filename: '/etc/app.conf', poll_frequency: '1s' }, env: world })
  world.files.remove('/etc/app.conf')
  await world.clock.advance(1000)
  expect(run.health.state).toBe('unhealthy')
  expect(run.exports['content']).toBe('one')
  world.files.write('/etc/app.conf', 'back')
  await world.clock.advance(1000)
  expect(run.health.state).toBe('healthy')
  expect(run.exports['content']).toBe('back')
  await run.stop()
})

test('local.file exports a secret when told so', async () => {
  const run = await runComponent(file, { args: { filename: '/etc/app.conf', is_secret: true }, env: env() })
  expect(run.exports['content']).toBeInstanceOf(Secret)
  expect(String(run.exports['content'])).toBe('(secret)')
  await run.stop()
})
