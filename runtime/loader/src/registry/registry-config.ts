import { scopeOf } from '@ingot/manifest'
import { LoaderError } from '../loader-error.ts'
import type { ResolutionPolicy } from '../resolve/resolution-policy.ts'

/** A `registry` block as plain data, secrets opened. */
export interface RegistryConfig {
  /** Label of the block. */
  readonly name: string
  /** `https://…`, `http://…` or `file:…`; with `git+` before it, or as `git+ssh://…`, a repository that is laid out as a registry. */
  readonly url: string
  /** `@acme`. Each scope comes from one registry, and from no other when that one lacks a module. */
  readonly scopes: readonly string[]
  /** `sha256:<hex>`: fingerprint of the registry's root keys. With it, statements are verified when a module is first fetched. */
  readonly root?: string
  /** Sent as a bearer token, to this registry's origin only. */
  readonly token?: string
  /** What becomes of a pinned module whose statement was signed with a key that is known to be revoked. */
  readonly onRevoked?: 'warn' | 'block'
  /** `@acme/redact@1.4.2`: versions that are wanted although they are in quarantine. */
  readonly allowQuarantined?: readonly string[]
  /** How versions of its modules are chosen, where it differs from the default. */
  readonly policy?: ResolutionPolicy
}

/** The one registry of a module's scope. @throws LoaderError when there is none, or two. */
export function registryOf(module: string, registries: readonly RegistryConfig[]): RegistryConfig {
  const scope = scopeOf(module)
  const [found, second] = registries.filter(({ scopes }) => scopes.includes(scope))
  if (!found) {
    throw new LoaderError({
      code: 'registry-missing',
      message: `Cannot find where "${module}" comes from: found no registry block for the scope "${scope}"`,
      hint: `add: registry "${scope.slice(1)}" { url = "https://…" scopes = ["${scope}"] }`,
    })
  }
  if (second) {
    throw new LoaderError({
      code: 'registry-conflict',
      message: `Cannot tell where "${module}" comes from: found the scope "${scope}" in the registry blocks "${found.name}" and "${second.name}", want it in one`,
    })
  }
  return found
}
