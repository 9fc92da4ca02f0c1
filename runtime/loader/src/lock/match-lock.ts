import { moduleKey, parseModuleKey, type LockedModule, type Lockfile } from '@ingot/manifest'
import { satisfies, validRange } from 'semver'
import { LoaderError, type LoaderErrorCode } from '../loader-error.ts'
import { registryOf, type RegistryConfig } from '../registry/registry-config.ts'
import { addCommand, importKey, type ImportRequest } from './import-request.ts'

/** What an import block is pinned to. */
export interface MatchedImport {
  readonly request: ImportRequest
  readonly module: string
  readonly version: string
  readonly locked: LockedModule
  readonly registry: RegistryConfig
}

/**
 * Finds the pinned version of an import and checks that configuration and lock say the same: module, version range,
 * and where it comes from. Asks nobody.
 * @throws LoaderError `lock-missing`, `lock-disagrees`, or what `registryOf` throws.
 */
export function matchLock(
  request: ImportRequest,
  registries: readonly RegistryConfig[],
  lock: Lockfile | undefined,
): MatchedImport {
  const shown = `import.module "${request.namespace}" in "${request.file}"`
  const problem = (code: LoaderErrorCode, message: string): LoaderError =>
    new LoaderError({ code, message, hint: `run: ${addCommand(request)}`, import: importKey(request) })

  if (!lock)
    throw problem('lock-missing', `Cannot load ${shown}: found no ingot.lock, want one that pins "${request.module}"`)
  const key = pinnedKey(request, lock)
  const pinned = key === undefined ? undefined : parseModuleKey(key)
  const locked = key === undefined ? undefined : lock.modules[key]
  // A tag is what the lock was made with, or it says nothing.
  const isTag = validRange(request.version) === null
  if (isTag && locked?.range !== request.version) {
    throw problem(
      'lock-disagrees',
      `Cannot load ${shown}: found version "${request.version}", want a version or a range such as "^1.4.0"`,
    )
  }
  if (!pinned || !locked) {
    throw problem(
      'lock-missing',
      `Cannot load ${shown}: ingot.lock does not pin it, want "${request.module}" at "${request.version}"`,
    )
  }
  if (pinned.name !== request.module) {
    throw problem(
      'lock-disagrees',
      `Cannot load ${shown}: the configuration names "${request.module}", and ingot.lock pins "${key}"`,
    )
  }
  if (!isTag && !satisfies(pinned.version, request.version) && !isOverridden(pinned, lock)) {
    throw problem(
      'lock-disagrees',
      `Cannot load ${shown}: the configuration wants "${request.module}" at "${request.version}", and ingot.lock pins ${pinned.version}`,
    )
  }
  const registry = registryOf(request.module, registries)
  const from = lock.registries[locked.from]
  if (locked.from !== registry.name || !from || !sameAddress(from.url, registry.url) || from.root !== registry.root) {
    throw problem(
      'lock-disagrees',
      `Cannot load ${shown}: the configuration takes it from ${where(registry.name, registry)}, and ingot.lock from ${where(locked.from, from)}`,
    )
  }
  return { request, module: pinned.name, version: pinned.version, locked, registry }
}

/** What an import of the configuration, or of a module that it brings, leads to. */
function pinnedKey({ parent, module, ...request }: ImportRequest, lock: Lockfile): string | undefined {
  if (parent === undefined) return lock.imports[importKey(request)]
  const version = lock.modules[parent]?.deps?.[module]
  return version === undefined ? undefined : moduleKey(module, version)
}

/** Whether a person put the version there in the place of others. That its day has come stops no collector. */
function isOverridden(pinned: { readonly name: string; readonly version: string }, lock: Lockfile): boolean {
  return (lock.overrides ?? []).some(
    ({ select, use }) => use === pinned.version && select.startsWith(`${pinned.name}@`),
  )
}

function sameAddress(a: string, b: string): boolean {
  return a.replace(/\/$/, '') === b.replace(/\/$/, '')
}

function where(name: string, registry: { url: string; root?: string | undefined } | undefined): string {
  if (!registry) return `"${name}", which it does not describe`
  const root = registry.root === undefined ? '' : `, root "${registry.root}"`
  return `"${name}" (${registry.url}${root})`
}
