import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricsRegistry, createEnv } from '@ingot/capabilities'
import type { ComponentDefinition } from '@ingot/sdk'
import { runComponent, until, type RunningComponent } from '@ingot/testing'
import { onTestFinished } from 'vitest'

/** Runs a component on the real capabilities, sockets included, until the end of the test. */
export async function runReal(definition: unknown, args: unknown): Promise<RunningComponent> {
  const component = definition as ComponentDefinition
  const directory = mkdtempSync(join(tmpdir(), 'ingot-otlp-'))
  const { env, close } = await createEnv({
    id: component.name,
    args: { value: args, outputs: [], secrets: [] },
    capabilities: component.capabilities ?? {},
    dataDir: directory,
    lane: { index: 0, count: 1 },
    trusted: true,
    services: {
      log: () => {},
      metrics: new MetricsRegistry().scope({ component_id: component.name }).metrics,
      internal: { address: 'alloy.internal:12345', basePath: '/' },
      mount: () => {},
      requestInternal: async () => ({ status: 404 }),
      selfMetrics: async () => new Uint8Array(),
    },
  })
  const running = await runComponent(component, { args, env })
  onTestFinished(async () => {
    await running.stop()
    await close()
    rmSync(directory, { recursive: true, force: true })
  })
  return running
}

/** Sends everything that one component emits to the `input` of another. */
export function connect(from: RunningComponent, to: RunningComponent): void {
  for (const output of Object.values(from.outputs)) output.outcome = (batch) => to.send('input', batch)
}

/** The addresses that a receiver listens on, by protocol. */
export async function addressesOf(receiver: RunningComponent, count: number): Promise<Record<string, string>> {
  const listeners = () => (receiver.debugInfo() as { listeners: { protocol: string; address: string }[] }).listeners
  await until(() => listeners().length === count, 'the listeners')
  return Object.fromEntries(listeners().map(({ protocol, address }) => [protocol, address]))
}
