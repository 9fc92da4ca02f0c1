import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CapabilityError, isCapabilityError, Secret } from '@ingot/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { fakeEnv, FakeClock } from './index.ts'

const signal = new AbortController().signal

test('FakeClock wakes sleepers in order, each at its moment', async () => {
  const clock = new FakeClock(1000)
  const woken: string[] = []
  const sleepTwice = async () => {
    await clock.sleep(30)
    woken.push(`a at ${clock.now()}`)
    await clock.sleep(30)
    woken.push(`a at ${clock.now()}`)
  }
  void sleepTwice()
  void clock.sleep(40).then(() => woken.push(`b at ${clock.now()}`))
  await clock.advance(59)
  expect(woken).toEqual(['a at 1030', 'b at 1040'])
  expect(clock.nextWakeMs).toBe(1)
  await clock.advance(1)
  expect(woken.at(-1)).toBe('a at 1060')
  expect(clock.sleeping).toBe(0)
})

test('FakeFiles keeps open files through rotation', async () => {
  const { files } = fakeEnv({ files: { '/log/a': 'one' } })
  const file = await files.open('/log/a')
  const { identity } = await file.stat()
  files.rename('/log/a', '/log/a.1')
  files.write('/log/a', 'new')
  files.append('/log/a.1', ' two')
  const into = new Uint8Array(20)
  expect(Buffer.from(into.subarray(0, await file.read(into, 0))).toString()).toBe('one two')
  expect((await files.stat('/log/a.1'))!.identity).toBe(identity)
  expect(await files.glob('/log/*')).toEqual(['/log/a', '/log/a.1'])
  files.remove('/log/a.1')
  expect((await file.stat()).unlinked).toBe(true)
  expect(files.openFiles).toBe(1)
  await file.close()
  expect(files.openFiles).toBe(0)
})

test('FakeFiles tells watchers of changes until they stop', async () => {
  const { files } = fakeEnv({ files: { '/a': '' } })
  const abort = new AbortController()
  let changes = 0
  files.watch('/a', () => changes++, { signal: abort.signal })
  files.append('/a', 'x')
  await Promise.resolve()
  abort.abort()
  files.append('/a', 'y')
  await Promise.resolve()
  expect([changes, files.watches]).toEqual([1, 0])
})

test('FakeHttp answers by script, the latest first, and records what the remote would see', async () => {
  const { http } = fakeEnv()
  const base = { method: 'POST', timeoutMs: 1, bodyBytesMax: 10 }
  await expect(http.request({ ...base, url: 'http://a/x' })).rejects.toSatisfy((error) =>
    isCapabilityError(error, 'unreachable'),
  )
  http.respond('http://a/', { status: 204, headers: { 'X-A': '1' } })
  http.respond('http://a/x', () => {
    throw new CapabilityError('timeout', 'slow')
  })
  expect(
    await http.request({
      ...base,
      url: 'http://a/y',
      headers: { A: new Secret('s') },
      body: [Buffer.from('1'), Buffer.from('2')],
    }),
  ).toMatchObject({ status: 204, headers: { 'x-a': '1' } })
  expect(http.requests[1]).toMatchObject({ headers: { a: 's' }, body: Buffer.from('12') })
  await expect(http.request({ ...base, url: 'http://a/x' })).rejects.toSatisfy((error) =>
    isCapabilityError(error, 'timeout'),
  )
})

test('FakeServer lets the test be the client', async () => {
  const { server } = fakeEnv()
  const listener = await server.listenHttp(
    { address: 'localhost:0', bodyBytesMax: 1, requestsMax: 1 },
    async ({ url }) => ({ status: 200, body: url }),
  )
  await server.listenGrpc(
    { address: 'localhost:0', bodyBytesMax: 1, requestsMax: 1 },
    { '/a/b': async (message) => ({ code: 0, message }) },
  )
  server.mount('metrics', async () => ({ status: 200, body: 'm' }))
  expect((await server.request({ url: '/x' })).body).toBe('/x')
  expect((await server.requestMounted('metrics')).body).toBe('m')
  expect(await server.call('/a/b', new Uint8Array([1]))).toMatchObject({ code: 0 })
  await listener.close()
  expect(server.listeners).toBe(1)
})

test('FakeState hands records out again after a restart unless they were acknowledged', async () => {
  const { state } = fakeEnv()
  const queue = await state.queue('q', { bytesMax: 5 })
  const waiting = queue.next(signal)
  await queue.append(new Uint8Array([1, 2]), 3)
  await queue.append(new Uint8Array([3, 4]), 4)
  await expect(queue.append(new Uint8Array(2), 1)).rejects.toSatisfy((error) => isCapabilityError(error, 'full'))
  queue.acknowledge((await waiting).sequence)
  await queue.next(signal)
  const again = await state.queue('q', { bytesMax: 5 })
  expect(again.pending).toEqual({ bytes: 2, records: 1, count: 4 })
  expect([...(await again.next(signal)).data]).toEqual([3, 4])
})

test('fakeEnv() with real files reads what the test wrote to disk', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ingot-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'a.log'), 'text')
  const fake = fakeEnv({ realFiles: true })
  const { fs } = fake.of(['fs.read'])
  const file = await fs.open(join(directory, 'a.log'))
  renameSync(join(directory, 'a.log'), join(directory, 'b.log'))
  expect(await fs.glob(`${directory}/*.log`)).toEqual([join(directory, 'b.log')])
  expect((await fs.stat(join(directory, 'b.log')))!.identity).toBe((await file.stat()).identity)
  expect(fake.leaks.openFiles).toBe(1)
  await file.close()
  await expect(fs.readText(join(directory, 'c'))).rejects.toSatisfy((error) => isCapabilityError(error, 'not_found'))
})

test('an env shows only declared capabilities and notes what else was reached for', () => {
  const fake = fakeEnv()
  const env = fake.of(['clock'])
  expect(env.clock).toBe(fake.clock)
  expect(env.http).toBeUndefined()
  expect([...fake.touched]).toEqual(['http'])
})
