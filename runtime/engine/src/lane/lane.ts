/** The program of a lane: a worker thread that runs trusted components and feeds runners. */
import { MetricsRegistry } from '@ingot/capabilities'
import type { Batch } from '@ingot/telemetry'
import { parentPort, workerData } from 'node:worker_threads'
import { ControlClient } from './control-client.ts'
import { FunctionRoom } from './function-room.ts'
import { LanePeer } from './lane-peer.ts'
import { LaneRoom } from './lane-room.ts'
import { readArguments } from './open-instance.ts'
import type { FromLane, LaneStart, ToLane, WireRequest } from './protocol.ts'

/** How often the heartbeat advances: a lane that misses many beats is stuck in one turn. */
const heartbeatMs = 250

const start = workerData as LaneStart
const control = parentPort!
const post = (message: FromLane): void => control.postMessage(message)

const registry = new MetricsRegistry()
const client = new ControlClient(post)

// Peers exist from the start for every lane; their ports come when control connects them.
const peers = new Map<number, LanePeer>()
for (let lane = 0; lane < start.count; lane++) {
  if (lane === start.index) continue
  const handlers = {
    receive: (component: string, port: string, batch: Batch) => room.receive(component, port, batch),
    serve: (component: string, request: WireRequest) => room.serve(component, request),
  }
  peers.set(lane, new LanePeer(handlers))
}
const room = new LaneRoom({ start, registry, post, peers, client })

const functions = new FunctionRoom(client)

const beats = new Int32Array(start.heartbeat)
setInterval(() => Atomics.add(beats, 0, 1), heartbeatMs)

// A promise that a component left to itself must not end the lane for all others: it is told, and the lane goes on.
process.on('unhandledRejection', (error) => {
  post({
    kind: 'log',
    level: 'error',
    component: '',
    message: 'unhandled rejection',
    fields: { error: describe(error) },
  })
})

control.on('message', (message: ToLane) => {
  switch (message.kind) {
    case 'check':
      return void answer(message.call, async () => void (await readArguments(message.code, message.frame)))
    case 'start':
      return void answer(message.call, () => room.start(message.spec))
    case 'update':
      return void answer(message.call, () => room.update(message.id, message.frame, message.policies))
    case 'stop':
      return void answer(message.call, () => room.stop(message.id, message.withinMs))
    case 'call-function':
      return void answer(message.call, () => functions.call(message.function))
    case 'keep-functions':
      return functions.keep(message.instances)
    case 'adopt-queue':
      return void answer(message.call, () => room.orphans.adopt(message.queue))
    case 'release-queues':
      return void answer(message.call, () => room.orphans.release())
    case 'edges-closed':
      return void answer(message.call, () => room.edgesClosed())
    case 'metrics':
      return void answer(message.call, async () => [...registry.snapshot(), ...room.accessMetrics()])
    case 'debug':
      return void answer(message.call, async () => room.debugInfo(message.id))
    case 'access':
      return void answer(message.call, async () => room.access(message.id))
    case 'serve':
      return void answer(message.call, () => room.serve(message.id, message.request))
    case 'locations':
      return room.setLocations(message.locations)
    case 'location':
      return room.setLocation(message.component, message.lanes)
    case 'own-logs':
      return void room.emitOwnLogs(message.output, message.lines).then((outcome) => {
        post({ kind: 'own-logs-settled', id: message.id, outcome })
      })
    case 'peer':
      return peers.get(message.lane)!.connect(message.port)
    case 'runner':
      return client.onRunnerEvent(message.channel, message.event)
    case 'reply':
      return client.onReply(message)
  }
})
post({ kind: 'ready' })

async function answer(call: number, work: () => Promise<unknown>): Promise<void> {
  try {
    post({ kind: 'reply', call, value: await work() })
  } catch (error) {
    post({ kind: 'reply', call, error: error instanceof Error ? error.message : String(error) })
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
