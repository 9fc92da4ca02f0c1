import net from 'node:net'
import { expect, test, vi } from 'vitest'
import { encodeHeader, fromRunner, headerBytes, toRunner } from '../protocol/frame.ts'
import { LaneListener } from './lane-listener.ts'

/** More than a socket takes without a reader. */
const payloadBytes = 4 * 1024 * 1024

async function connected() {
  const listener = await LaneListener.open(1024)
  const { token, connection } = listener.expect()
  const runner = net.connect(listener.socketPath)
  runner.pause()
  runner.write(encodeHeader({ kind: fromRunner.hello }, token.length))
  runner.write(token)
  return { listener, runner, lane: await connection }
}

test('a frame counts as written only when the system has all of it, whatever its runner says', async () => {
  const { listener, runner, lane } = await connected()
  const heard: number[] = []
  lane.onFrame = ({ kind }) => heard.push(kind)
  const onWritten = vi.fn()
  lane.send({ kind: toRunner.deliver }, [new Uint8Array(payloadBytes)], onWritten)
  runner.write(encodeHeader({ kind: fromRunner.settled }, 0))
  await vi.waitFor(() => expect(heard).toEqual([fromRunner.settled]))
  expect(onWritten).not.toHaveBeenCalled()
  let read = 0
  runner.on('data', (chunk) => (read += chunk.length)).resume()
  await vi.waitFor(() => expect(onWritten).toHaveBeenCalledOnce())
  await vi.waitFor(() => expect(read).toBe(headerBytes + payloadBytes))
  runner.destroy()
  lane.close()
  await listener.close()
})

test('a frame of a connection that ended is never written', async () => {
  const { listener, runner, lane } = await connected()
  const onWritten = vi.fn()
  const ended = new Promise<void>((resolve) => (lane.onEnd = () => resolve()))
  lane.send({ kind: toRunner.deliver }, [new Uint8Array(payloadBytes)], onWritten)
  runner.destroy()
  await ended
  await new Promise((resolve) => setImmediate(resolve))
  expect(onWritten).not.toHaveBeenCalled()
  await listener.close()
})
