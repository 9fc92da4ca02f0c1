import { designatedCount } from '@ingot/capabilities'
import {
  resolveLimits,
  RunnerInstance,
  trustedLimits,
  type Degraded,
  type RunnerControl,
  type RunnerGroup,
  type Tape,
} from '@ingot/sandbox'
import type { ComponentDefinition, Outcome } from '@ingot/sdk'
import { Instance, parseArguments, type ArgumentsFrame, type InstanceHost } from '@ingot/sdk/host'
import type { Batch } from '@ingot/telemetry'
import { readFile } from 'node:fs/promises'
import { loadBundle } from './load-bundle.ts'
import type { ComponentCode, InstanceSpec } from './protocol.ts'
import { deadLetterDir, quarantineDir } from './kept-batches.ts'

/** How long an update may wait for a component that is run again to stop. */
const stopWithinMs = 10_000

/** One instance of a component, in the lane's own thread or in a runner: its lane need not care which. */
export interface RoomInstance {
  start(frame: ArgumentsFrame, onExit: (error: Error | undefined) => void): void | Promise<void>
  update(frame: ArgumentsFrame, onExit: (error: Error | undefined) => void, stopWithinMs: number): Promise<void>
  receive(port: string, batch: Batch): Promise<Outcome>
  stop(withinMs: number): Promise<boolean>
  debugInfo(): unknown
}

export interface OpenOptions {
  readonly host: InstanceHost
  readonly control: RunnerControl
  /** The instances that it shares runners with. */
  readonly group: RunnerGroup | undefined
  readonly storageDir: string
  readonly onQuarantinedBatch: () => void
  readonly onDegraded: (degraded: Degraded | undefined) => void
  readonly tape: Tape | undefined
}

/** Loads a component's code where it is to run. The code's digest is checked before any of it runs. */
export async function openInstance(
  spec: InstanceSpec,
  { host, control, group, storageDir, onQuarantinedBatch, onDegraded, tape }: OpenOptions,
): Promise<RoomInstance> {
  if (spec.room === 'lane') return new Instance(await loadDefinition(spec), host)
  return new RunnerInstance(host, {
    code: await readFile(spec.bundlePath),
    sha256: spec.sha256,
    capabilities: Object.keys(spec.manifest.capabilities),
    trusted: spec.trusted,
    limits: spec.trusted ? trustedLimits : resolveLimits(spec.limits),
    control,
    onQuarantine: spec.onQuarantine,
    quarantineDir: quarantineDir(storageDir, spec.id),
    deadLetterDir: deadLetterDir(storageDir, spec.id),
    onQuarantinedBatch,
    onDegraded,
    ...(group && { group }),
    ...(tape && { tape }),
  })
}

/** Arguments with defaults. Nothing of the component runs. @throws when its own schema refuses them. */
export async function readArguments(code: ComponentCode, frame: ArgumentsFrame): Promise<unknown> {
  const definition = await loadDefinition(code)
  try {
    return parseArguments(definition, frame)
  } catch (error) {
    throw withPaths(error)
  }
}

/** How many addresses the arguments of an instance name for it to listen on. */
export async function addressesToListenOn(spec: InstanceSpec): Promise<number> {
  const requests = spec.manifest.capabilities['http.serve'] ?? []
  if (requests.every(({ from }) => from === undefined)) return 0
  // An untrusted component may not be loaded here; what it listens on is named without its defaults.
  return designatedCount(requests, spec.room === 'lane' ? await readArguments(spec, spec.frame) : spec.frame.value)
}

export async function startInstance(
  instance: RoomInstance,
  frame: ArgumentsFrame,
  onExit: (error: Error | undefined) => void,
): Promise<void> {
  try {
    await instance.start(frame, onExit)
  } catch (error) {
    throw withPaths(error)
  }
}

export async function updateInstance(
  instance: RoomInstance,
  frame: ArgumentsFrame,
  onExit: (error: Error | undefined) => void,
): Promise<void> {
  try {
    await instance.update(frame, onExit, stopWithinMs)
  } catch (error) {
    throw withPaths(error)
  }
}

async function loadDefinition(code: ComponentCode): Promise<ComponentDefinition> {
  return (await loadBundle<ComponentDefinition>(code)).default
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A schema's own error lists issues by path; people read `endpoint.0.url: …`. */
function withPaths(error: unknown): unknown {
  const issues = (error as { issues?: readonly SchemaIssue[] }).issues
  if (!issues) return error
  return new Error(issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; '))
}
