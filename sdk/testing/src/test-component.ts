import type { CapabilityRequest, ComponentDefinition } from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'
import { z } from 'zod'
import { argumentsFrame, argumentsSchema } from './arguments-frame.ts'
import { fakeEnv, type FakeEnv } from './fake-env.ts'
import { runComponent, stopWithinMs } from './run-component.ts'
import { alternatives, looseObjects, undescribed, type Schema } from './schema-gaps.ts'
import { settle } from './settle.ts'

/** What vitest gives; node:test fits as well. */
export interface TestApi {
  test(name: string, run: () => Promise<void>): unknown
}

export interface ComponentSample {
  /** Arguments that a user could have written. */
  readonly args?: unknown
  /** Fakes that the arguments refer to: files, scripts of remotes. Made anew for each test. */
  readonly env?: () => FakeEnv
  /** Batches that a running component is sent before it is stopped. */
  readonly send?: readonly { readonly port: string; readonly batch: Batch }[]
}

/** The contract of every component, as tests: what the loader, the reference pages and the lanes rely on. */
export function testComponent(definition: unknown, sample: ComponentSample, { test }: TestApi): void {
  const component = definition as ComponentDefinition
  const { name } = component
  const environment = sample.env ?? fakeEnv

  test(`${name} describes itself, its arguments, exports and capabilities`, async () => {
    fail(manifestGaps(component))
  })

  test(`${name} takes the sample's arguments and no unknown ones`, async () => {
    const env = environment()
    const running = await runComponent(component, { args: sample.args, env })
    await running.stop()
    fail(acceptedUnknown(component, sample.args ?? {}))
  })

  test(`${name} stops within ${stopWithinMs} ms and leaves nothing behind`, async () => {
    const env = environment()
    const before = activeTimers()
    const running = await runComponent(component, { args: sample.args, env })
    for (const { port, batch } of sample.send ?? []) void running.send(port, batch)
    await settle()
    if (!(await running.stop())) throw new Error(`${name} did not stop within ${stopWithinMs} ms`)
    await settle()
    const left = Object.entries(env.leaks).filter(([, count]) => count > 0)
    fail(left.map(([kind, count]) => `left behind: ${count} ${kind}`))
    if (activeTimers() > before) throw new Error(`${name} left a timer of the host behind: it should use env.clock`)
  })

  test(`${name} can be run again after it was stopped`, async () => {
    const env = environment()
    const running = await runComponent(component, { args: sample.args, env })
    await running.restart()
    if (running.exit?.error) throw running.exit.error
    await running.stop()
  })

  test(`${name} touches only declared capabilities`, async () => {
    const env = environment()
    const running = await runComponent(component, { args: sample.args, env })
    for (const { port, batch } of sample.send ?? []) void running.send(port, batch)
    await settle()
    await running.stop()
    fail([...env.touched].map((property) => `env.${property} is used, but its capability is not declared`))
  })
}

function fail(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

function manifestGaps(component: ComponentDefinition): string[] {
  const gaps: string[] = []
  if (!/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/.test(component.name))
    gaps.push(`the name "${component.name}" is malformed`)
  if (!/^\S.*\.$/.test(component.summary)) gaps.push('summary: want one sentence that ends with a full stop')
  const schema = argumentsSchema(component)
  undescribed(schema, 'arguments', gaps)
  if (component.exports)
    undescribed(z.toJSONSchema(component.exports, { unrepresentable: 'any' }) as Schema, 'exports', gaps)
  for (const [capability, requests] of Object.entries(component.capabilities ?? {})) {
    for (const { why, from } of requests as readonly CapabilityRequest[]) {
      if (why.trim() === '') gaps.push(`capabilities: ${capability} does not say why`)
      if (from !== undefined && !hasPath(schema, from.split('.')))
        gaps.push(`capabilities: ${capability} comes from "${from}", which is no argument`)
    }
  }
  return gaps
}

function hasPath(schema: Schema, path: readonly string[]): boolean {
  const [name, ...rest] = path
  if (name === undefined) return true
  if (schema.ingot?.kind === 'targets' || typeof schema.additionalProperties === 'object') return true
  const child = schema.properties?.[name]
  if (child && hasPath(child, rest)) return true
  return [...alternatives(schema), ...(schema.items ? [schema.items] : [])].some((one) => hasPath(one, path))
}

/** Paths of objects in the sample that take an argument nobody has declared. */
function acceptedUnknown(component: ComponentDefinition, args: unknown): string[] {
  const problems: string[] = []
  const { value, outputs } = argumentsFrame(component, { ...(args as object), argument_nobody_declared: 1 })
  for (const { path } of outputs) {
    let parent = value as Record<string | number, unknown>
    for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
    parent[path.at(-1)!] = { emit: () => {}, receivers: 0 }
  }
  if (component.arguments.safeParse(value).success)
    problems.push('arguments: an unknown argument is accepted, want z.strictObject')
  looseObjects(argumentsSchema(component), 'arguments', problems)
  return problems
}

function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
