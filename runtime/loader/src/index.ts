/**
 * From a name to bytes that may be run: packs modules from their sources, fetches them from registries, verifies them,
 * pins them, and keeps them in a content-addressed cache. It runs no module code but at packing time, and decides
 * nothing about grants.
 */
export * from './audit/audit-modules.ts'
export * from './audit/verify-modules.ts'
export * from './cache/content-cache.ts'
export * from './cache/default-cache-dir.ts'
export * from './cache/module-cache.ts'
export * from './distribution/distribution.ts'
export type { LoadedFunctions } from './distribution/loaded-functions.ts'
export * from './distribution/prepare-distribution.ts'

export type { GitAuth } from './git/git-auth.ts'
export * from './git/git-import.ts'
export * from './loader-error.ts'
export * from './lock/add-module.ts'
export * from './lock/import-request.ts'
export * from './lock/lock-file.ts'
export * from './lock/lock-sources.ts'
export * from './lock/look-up-version.ts'
export * from './lock/module-changes.ts'
export {
  planLock,
  resolveLock,
  type LockPlan,
  type PlannedImport,
  type PlanOptions,
  type PlanProgress,
} from './lock/plan-lock.ts'
export type { TrustedKeys } from './lock/is-trusted.ts'
export { parseKeyText } from '@ingot/trust'
export * from './lock/resolve-imports.ts'
export * from './lock/why-locked.ts'
export type { AuthorPackages, ModuleKind } from './pack/bundle-entry.ts'
export { packerHash, packFolder, type PackFolderOptions, type PackProgress } from './pack/pack-folder.ts'
export * from './pack/pack-module.ts'
export type { PackedFile } from './pack/write-archive.ts'
export * from './registry/publish-distribution.ts'
export * from './registry/publish-module.ts'
export * from './vendor/vendor-modules.ts'
export { vendorDirName } from './vendor/vendored-registry.ts'
export type { RegistryConfig } from './registry/registry-config.ts'
export type { Advisory, CandidateContext, LockedVersion } from './resolve/candidates.ts'
export type { CapabilityChanges } from '@ingot/manifest'
export type { ModuleIndex, Rejection, Requirement } from './resolve/requirement.ts'
export { resolveGraph, type Resolution, type ResolvedModule } from './resolve/resolve-graph.ts'
export { defaultPolicy, type Override, type ResolutionPolicy } from './resolve/resolution-policy.ts'
