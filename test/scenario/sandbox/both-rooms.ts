/** One component of a packed module in a runner, and the same bundle as a lane runs it. */
import { packModule } from '@ingot/loader'
import type { ComponentManifest } from '@ingot/manifest'
import { resolveLimits, RunnerInstance, RunnerSupervisor } from '@ingot/sandbox'
import { delivered, type Outcome } from '@ingot/sdk'
import { Instance, type ArgumentsFrame, type InstanceHost } from '@ingot/sdk/host'
import { fakeEnv, TestLedger, type LedgerSnapshot } from '@ingot/testing'
import type { Batch } from '@ingot/telemetry'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const examples = fileURLToPath(new URL('../../../examples/modules', import.meta.url))

/** What came of the batches in one room. */
export interface RoomResult {
  readonly outcomes: readonly Outcome[]
  readonly emitted: readonly Batch[]
  readonly ledger: LedgerSnapshot
}

export interface BothRooms {
  readonly component: ComponentManifest
  readonly runner: RoomResult
  readonly lane: RoomResult
}

export class Rooms {
  readonly #dir: string
  readonly #supervisor: RunnerSupervisor

  private constructor(dir: string, supervisor: RunnerSupervisor) {
    this.#dir = dir
    this.#supervisor = supervisor
  }

  static async open(): Promise<Rooms> {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'ingot-rooms-'))
    return new Rooms(dir, await RunnerSupervisor.open({ cacheDir: dir }))
  }

  async close(): Promise<void> {
    await this.#supervisor.close()
    await rm(this.#dir, { recursive: true, force: true })
  }

  /** Sends batches to the receiver of an example module's only component, which asks for no capability. */
  async run(module: string, args: Readonly<Record<string, unknown>>, batches: readonly Batch[]): Promise<BothRooms> {
    const { manifest, files } = await packModule(path.join(examples, module))
    const component = manifest.components[0]!
    const code = files.find((file) => file.path === component.entry)!.bytes
    const frame: ArgumentsFrame = {
      value: { ...args, forward_to: null },
      outputs: [
        { path: ['forward_to'], receivers: [{ component: 'test.sink', port: 'receiver', types: ['loki.logs'] }] },
      ],
      secrets: [],
    }
    const runner = await serve(batches, frame, (host) => {
      return new RunnerInstance(host, {
        code,
        sha256: component.sha256,
        capabilities: [],
        limits: resolveLimits(),
        control: this.#supervisor,
        quarantineDir: path.join(this.#dir, 'quarantine'),
        deadLetterDir: path.join(this.#dir, 'dead-letter'),
      })
    })
    const address = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
    const { default: definition } = (await import(address)) as { default: ConstructorParameters<typeof Instance>[0] }
    const lane = await serve(batches, frame, (host) => new Instance(definition, host))
    return { component, runner, lane }
  }
}

async function serve(
  batches: readonly Batch[],
  frame: ArgumentsFrame,
  open: (host: InstanceHost) => Instance | RunnerInstance,
): Promise<RoomResult> {
  const emitted: Batch[] = []
  const ledger = new TestLedger()
  const host: InstanceHost = {
    id: 'test.component',
    env: fakeEnv().of([]),
    ledger,
    output: () => ({
      emit: async (batch) => {
        emitted.push(batch)
        ledger.emitted(batch.count)
        return delivered
      },
      receivers: 1,
    }),
    exportsChanged: () => {},
    healthChanged: () => {},
  }
  const instance = open(host)
  await instance.start(frame, (error) => {
    if (error) throw error
  })
  const outcomes: Outcome[] = []
  for (const batch of batches) outcomes.push(await instance.receive('receiver', batch))
  await instance.stop(1_000)
  return { outcomes, emitted, ledger: ledger.snapshot }
}
