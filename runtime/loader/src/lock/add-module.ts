import { moduleKey, type Lockfile } from '@ingot/manifest'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { registryOf, type RegistryConfig } from '../registry/registry-config.ts'
import type { Rejection } from '../resolve/requirement.ts'
import type { Resolution } from '../resolve/resolve-graph.ts'
import { importKey } from './import-request.ts'
import { moduleChanges, type ModuleChange } from './module-changes.ts'
import { planLock, type PlannedImport, type PlanOptions } from './plan-lock.ts'

export interface AddOptions extends Pick<PlanOptions, 'onProgress' | 'advisories'> {
  readonly file: string
  readonly namespace: string
  readonly module: string
  /** Without it, the newest version is taken and everything compatible with it is wanted. */
  readonly version?: string
  /** The other imports of the configuration, whose ranges hold as well. Without them, the lock's. */
  readonly imports?: readonly PlannedImport[]
  readonly registries: readonly RegistryConfig[]
  readonly lock: Lockfile | undefined
  readonly cache: ModuleCache
}

export interface AddedModule {
  /** The old lock with this import in it. The caller writes it. */
  readonly lock: Lockfile
  readonly module: CachedModule
  readonly version: string
  /** What the configuration should say. */
  readonly range: string
  readonly registry: RegistryConfig
  /** Newer versions that were not taken, and why. */
  readonly rejected: readonly Rejection[]
  /** What the lock pins otherwise than before, dependencies included. */
  readonly changes: readonly ModuleChange[]
  readonly resolution: Resolution
}

/** Resolves a range to a version, with what that depends on, fetches and verifies it, and pins it. @throws LoaderError */
export async function addModule(options: AddOptions): Promise<AddedModule> {
  const { file, namespace, module, version: wanted, imports = [], ...rest } = options
  const newest = wanted === undefined
  const added: PlannedImport = { file, namespace, module, version: wanted ?? '*', newest }
  const others = imports.filter((each) => importKey(each) !== importKey(added))
  // What is asked for by name is looked at anew, even where the lock has a version that would do.
  const plan = await planLock({ ...rest, imports: [...others, added], update: [module] })
  const key = plan.lock.imports[importKey(added)]!
  const { line, rejected } = plan.resolution.modules.find((each) => moduleKey(each.module, each.line.v) === key)!
  return {
    lock: plan.lock,
    module: (await options.cache.open(line.integrity))!,
    version: line.v,
    range: wanted ?? `^${line.v}`,
    registry: registryOf(module, options.registries),
    rejected,
    changes: moduleChanges(options.lock, plan),
    resolution: plan.resolution,
  }
}
