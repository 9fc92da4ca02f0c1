import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LockedRegistry } from '@ingot/manifest'
import { parseIntegrity, VolatileMemory } from '@ingot/trust'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConfig } from '../registry/registry-config.ts'
import { transportOf, type Transport } from '../registry/transport.ts'

/** Beside `ingot.lock`: a folder for each registry, laid out as registries are. */
export const vendorDirName = 'ingot-vendor'

/** Labels may hold what paths must not. */
export function vendoredDir(vendorDir: string, registry: string): string {
  return join(vendorDir, encodeURIComponent(registry).replaceAll('.', '%2E'))
}

/** Whether a folder holds what is pinned. */
export function isVendored(vendorDir: string, registry: string, integrity: string): boolean {
  const digest = parseIntegrity(integrity)
  return (
    digest !== undefined && existsSync(join(vendoredDir(vendorDir, registry), 'blobs', digest.algorithm, digest.hex))
  )
}

/** Reads the copy of a registry, and believes it only as far as the registry itself. */
export function vendoredClient(
  registry: RegistryConfig,
  vendorDir: string,
  { cacheDir, locked }: { readonly cacheDir: string; readonly locked?: LockedRegistry | undefined },
): RegistryClient {
  const { token: _, ...open } = registry
  const copy = { ...open, url: pathToFileURL(vendoredDir(vendorDir, registry.name)).href }
  return new RegistryClient(copy, { cacheDir, locked, memory: new VolatileMemory() })
}

/** Reads from a registry, and leaves a copy of everything that it gave at the same paths of a folder. */
export function copyingTransport(registry: RegistryConfig, cacheDir: string, dir: string): Transport {
  const origin = transportOf(registry, cacheDir)
  return {
    async get(path, bytesMax) {
      const bytes = await origin.get(path, bytesMax)
      if (bytes) {
        const file = join(dir, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, bytes)
      }
      return bytes
    },
  }
}
