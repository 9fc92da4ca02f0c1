import { fileURLToPath } from 'node:url'
import type { AuthorPackages } from '@ingot/loader'

const specifiers = [
  '@ingot/sdk',
  '@ingot/sdk/host',
  '@ingot/telemetry',
  '@ingot/kits',
  '@ingot/testing',
  'zod',
  'vitest',
]

/**
 * Where modules find what they are written against: the SDK that came with this program. A module with packages of its
 * own keeps using those; one without any needs no installation to be tested and packed.
 */
export function authorPackages(): AuthorPackages {
  return Object.fromEntries(specifiers.map((name) => [name, fileURLToPath(import.meta.resolve(name))]))
}
