import { fakeEnv, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import listed from './component.ts'

const args = { filename: '/etc/targets.txt', labels: { env: 'test' }, refresh_interval: '1m' }

function withList(text: string) {
  return fakeEnv({ files: { '/etc/targets.txt': text } })
}

// What every component must do: describe itself, refuse unknown arguments, stop in time, leave nothing behind.
testComponent(listed, { args, env: () => withList('one:80') }, { test })

test('listed exports the addresses and follows the file', async () => {
  const env = withList('one:80\n# two:80\nthree:80 # the third\n')
  const running = await runComponent(listed, { args, env })
  expect(running.exports.targets).toEqual([
    { __address__: 'one:80', env: 'test' },
    { __address__: 'three:80', env: 'test' },
  ])
  env.files.write('/etc/targets.txt', 'four:80')
  await env.clock.advance(60_000)
  expect(running.exports.targets).toEqual([{ __address__: 'four:80', env: 'test' }])
  await running.stop()
})

test('listed keeps the last list while the file cannot be read', async () => {
  const env = withList('one:80')
  const running = await runComponent(listed, { args, env })
  env.files.remove('/etc/targets.txt')
  await env.clock.advance(60_000)
  expect(running.exports.targets).toEqual([{ __address__: 'one:80', env: 'test' }])
  expect(running.health).toMatchObject({ state: 'unhealthy' })
  await running.stop()
})
