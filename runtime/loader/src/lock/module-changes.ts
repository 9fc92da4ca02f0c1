import {
  capabilityChanges,
  parseModuleKey,
  type CapabilityChanges,
  type LockedModule,
  type Lockfile,
} from '@ingot/manifest'
import { compare, major } from 'semver'
import type { Rejection } from '../resolve/requirement.ts'
import type { LockPlan } from './plan-lock.ts'

/** How one module differs between two locks. */
export interface ModuleChange {
  readonly module: string
  /** Without it, the module is new. */
  readonly from?: string
  /** Without it, the module is not needed any more. */
  readonly to?: string
  readonly capabilities: CapabilityChanges
  /** From an import on, who wants it. */
  readonly wantedBy: readonly (readonly string[])[]
  /** Newer versions that were not taken, and why. */
  readonly rejected: readonly Rejection[]
  /** The advisory for which the release age was not waited for. */
  readonly bypass?: string
}

/** What a plan adds, moves to another version and takes out, dependencies included, by name. */
export function moduleChanges(before: Lockfile | undefined, { lock, resolution }: LockPlan): ModuleChange[] {
  const old = entriesOf(before)
  const now = entriesOf(lock)
  const gone = old.filter(({ key }) => !(key in lock.modules))
  const changes = now
    .filter(({ key }) => before?.modules[key] === undefined)
    .map(({ key, name, version, entry }) => {
      const from = predecessor(name, version, gone) ?? predecessor(name, version, old)
      const { requirements, rejected, bypass } = resolution.modules.find(
        (each) => `${each.module}@${each.line.v}` === key,
      )!
      return {
        module: name,
        ...(from && { from: from.version }),
        to: version,
        capabilities: capabilityChanges(from?.entry.capSummary ?? [], entry.capSummary),
        wantedBy: requirements.map(({ chain }) => chain),
        rejected,
        ...(bypass !== undefined && { bypass }),
      }
    })
  const replaced = new Set(changes.map(({ module, from }) => `${module}@${from}`))
  const removed = gone
    .filter(({ key }) => !replaced.has(key))
    .map(({ name, version, entry }) => {
      const capabilities = capabilityChanges(entry.capSummary, [])
      return { module: name, from: version, capabilities, wantedBy: [], rejected: [] }
    })
  return [...changes, ...removed].sort((a, b) => (a.module < b.module ? -1 : 1))
}

interface Entry {
  readonly key: string
  readonly name: string
  readonly version: string
  readonly entry: LockedModule
}

function entriesOf(lock: Lockfile | undefined): Entry[] {
  return Object.entries(lock?.modules ?? {}).flatMap(([key, entry]) => {
    const found = parseModuleKey(key)
    return found ? [{ key, ...found, entry }] : []
  })
}

/** The version that another one takes the place of: of the same major before others, the newest. */
function predecessor(name: string, version: string, among: readonly Entry[]): Entry | undefined {
  const isSame = (entry: Entry): boolean => major(entry.version) === major(version)
  return among
    .filter((entry) => entry.name === name)
    .sort((a, b) => Number(isSame(b)) - Number(isSame(a)) || compare(b.version, a.version))[0]
}
