import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packModule, type PackedModule } from '../pack/pack-module.ts'
import { authorPackages, testModule } from './author-packages.ts'

/** A version of the module `@acme/greeter`. */
export async function packedGreeter(version: string): Promise<PackedModule> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-greeter-'))
  await cp(testModule('greeter'), dir, { recursive: true })
  const source = await readFile(join(dir, 'module.ts'), 'utf8')
  await writeFile(join(dir, 'module.ts'), source.replace(/version: '[^']*'/, `version: '${version}'`))
  try {
    return await packModule(dir, { packages: { ...authorPackages, zod: fileURLToPath(import.meta.resolve('zod')) } })
  } finally {
    await rm(dir, { recursive: true })
  }
}
