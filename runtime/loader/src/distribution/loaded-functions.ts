import { join } from 'node:path'
import { moduleKey, type FunctionManifest } from '@ingot/manifest'
import type { CachedModule } from '../cache/module-cache.ts'

/** The functions of a module, and everything that is needed to load them. */
export interface LoadedFunctions {
  /** `@acme/mask@1.0.0`. */
  readonly module: string
  readonly functions: readonly FunctionManifest[]
  /** The bundled ES module of all of them: a file in the cache whose bytes were just checked. */
  readonly bundlePath: string
  /** Hex of the bundle's bytes, to check them where they are loaded. */
  readonly sha256: string
  /** Native code runs in lanes only. */
  readonly kind: 'portable' | 'native'
  /** Whether they may run in a lane. */
  readonly trusted: boolean
}

/** `undefined` when the module has none. */
export function loadedFunctions({ manifest, dir }: CachedModule, trusted: boolean): LoadedFunctions | undefined {
  const { name, version, kind, functions } = manifest
  const [first] = functions
  if (!first) return undefined
  const { entry, sha256 } = first
  return { module: moduleKey(name, version), functions, bundlePath: join(dir, entry), sha256, kind, trusted }
}
