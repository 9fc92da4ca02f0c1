import { fileURLToPath } from 'node:url'
import type { AuthorPackages } from '../pack/bundle-entry.ts'

/** Where the modules of testdata/ find the SDK: the loader itself does not depend on it. */
export const authorPackages: AuthorPackages = {
  '@ingot/sdk': fileURLToPath(new URL('../../../../sdk/component/src/index.ts', import.meta.url)),
}

export function testModule(name: string): string {
  return fileURLToPath(new URL(`../../testdata/modules/${name}`, import.meta.url))
}
