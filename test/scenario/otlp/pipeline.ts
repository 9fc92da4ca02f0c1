import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricsRegistry, createEnv } from '@ingot/capabilities'
import { delivered, dropped, refused, type ComponentDefinition, type Outcome, type Output } from '@ingot/sdk'
import { Instance, type ArgumentsFrame, type HostLedger } from '@ingot/sdk/host'
import type { Batch } from '@ingot/telemetry'

/** What a component's ledger was told. */
export class TestLedger implements HostLedger {
  readonly counts = { in: 0, created: 0, out: 0, merged: 0, dropped: 0, refused: 0, quarantined: 0, queued: 0 }
  readonly reasons: Record<string, number> = {}
  received(n: number): void {
    this.counts.in += n
  }
  created(n: number): void {
    this.counts.created += n
  }
  emitted(n: number): void {
    this.counts.out += n
  }
  sent(n: number): void {
    this.counts.out += n
  }
  merged(n: number): void {
    this.counts.merged += n
  }
  refused(n: number): void {
    this.counts.refused += n
  }
  quarantined(n: number): void {
    this.counts.quarantined += n
  }
  queued(n: number): void {
    this.counts.queued = n
  }
  dropped(n: number, reason: string): void {
    this.counts.dropped += n
    this.reasons[reason] = (this.reasons[reason] ?? 0) + n
  }
  /** 0 when every record has one fate. */
  get imbalance(): number {
    const c = this.counts
    return c.in + c.created - c.out - c.merged - c.dropped - c.refused - c.quarantined - c.queued
  }
}

export interface Running {
  readonly instance: Instance
  readonly ledger: TestLedger
  readonly logs: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[]
  readonly exited: Error[]
  stop(): Promise<void>
}

/** Takes what arrives at an output: another component, or a function. */
export type Target = Running | ((batch: Batch) => Promise<Outcome> | Outcome)

/** Runs one component on the real capabilities. `outputs`: path of a receivers argument → where its batches go. */
export async function start(
  definition: ComponentDefinition,
  value: unknown,
  outputs: Readonly<Record<string, readonly Target[]>> = {},
): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'ingot-otlp-'))
  const ledger = new TestLedger()
  const logs: Running['logs'] = []
  const exited: Error[] = []
  const frame: ArgumentsFrame = {
    value,
    secrets: [],
    outputs: Object.keys(outputs).map((path) => ({ path: path.split('.'), receivers: [] })),
  }
  const created = await createEnv({
    id: definition.name,
    args: frame,
    capabilities: definition.capabilities ?? {},
    dataDir: directory,
    lane: { index: 0, count: 1 },
    trusted: true,
    services: {
      log: (level, message, fields) => logs.push({ level, message, fields }),
      metrics: new MetricsRegistry().scope({ component_id: definition.name }).metrics,
      internal: { address: 'internal:1', basePath: '/' },
      mount: () => {},
      requestInternal: async () => ({ status: 404 }),
      selfMetrics: async () => new Uint8Array(),
    },
  })
  const instance = new Instance(definition, {
    id: definition.name,
    env: created.env,
    ledger,
    output: ({ path }) => link(outputs[path.join('.')] ?? [], ledger),
    exportsChanged: () => {},
    healthChanged: () => {},
  })
  instance.start(frame, (error) => exited.push(error ?? new Error('exited')))
  return {
    instance,
    ledger,
    logs,
    exited,
    stop: async () => {
      await instance.stop(10_000)
      await created.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function link(targets: readonly Target[], ledger: TestLedger): Output {
  const send = async (target: Target, batch: Batch) =>
    typeof target === 'function' ? target(batch) : target.instance.receive('input', batch)
  return {
    receivers: targets.length,
    emit: async (batch) => {
      const outcomes = await Promise.all(targets.map((target) => send(target, batch)))
      const bad =
        outcomes.find((each) => each.status === 'refused') ?? outcomes.find((each) => each.status === 'dropped')
      if (bad?.status === 'refused') return refused(bad.reason, bad.retryAfterMs)
      ledger.emitted(batch.count)
      return bad ? dropped(bad.reason) : delivered
    },
  }
}
