import { createHash } from 'node:crypto'
import { moduleManifest, type ModuleManifest } from '@ingot/manifest'
import { ArchiveError, readArchive } from '@ingot/trust'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { VersionFile } from '../storage/meta/version-store.ts'

/** A README beyond this is cut: it is shown, not used. */
const readmeCharactersMax = 200_000

/** Every page and index is made from manifests: none may be large. */
const manifestBytesMax = 2 ** 20

export interface InspectedModule {
  readonly manifest: ModuleManifest
  readonly manifestBytes: Uint8Array
  readonly files: readonly VersionFile[]
  readonly unpackedBytes: number
  readonly readme: string | undefined
}

/** Reads an upload without believing or unpacking it. Keeps hashes, the manifest and the README. @throws Problem */
export async function inspectModule(archive: Uint8Array): Promise<InspectedModule> {
  const files: VersionFile[] = []
  let manifestBytes: Uint8Array | undefined
  let readme: string | undefined
  let unpackedBytes = 0
  try {
    for await (const { path, bytes } of readArchive(archive)) {
      files.push({ path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      unpackedBytes += bytes.length
      if (path === 'module.json') manifestBytes = bytes
      if (path === 'README.md') readme = Buffer.from(bytes).toString().slice(0, readmeCharactersMax)
    }
  } catch (error) {
    if (error instanceof ArchiveError) throw new Problem(error.code, error.message)
    throw error
  }
  if (!manifestBytes) throw invalid('found no module.json')
  if (manifestBytes.length > manifestBytesMax) {
    throw invalid(`found a module.json of ${manifestBytes.length} bytes, want at most ${manifestBytesMax}`)
  }
  const manifest = parseManifest(manifestBytes)
  wantFiles(manifest, files)
  return { manifest, manifestBytes, files, unpackedBytes, readme }
}

function parseManifest(bytes: Uint8Array): ModuleManifest {
  try {
    return moduleManifest.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    throw invalid(error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message)
  }
}

function wantFiles(manifest: ModuleManifest, files: readonly VersionFile[]): void {
  const hashes = new Map(files.map(({ path, sha256 }) => [path, sha256]))
  const names = new Set<string>()
  for (const { name, entry, sha256 } of [...manifest.components, ...manifest.functions]) {
    if (hashes.get(entry) !== sha256)
      throw invalid(`"${name}" names "${entry}" with sha256 ${sha256}, found ${hashes.get(entry) ?? 'no such file'}`)
    if (names.has(name)) throw invalid(`found two components or functions named "${name}"`)
    names.add(name)
  }
  for (const config of manifest.configs)
    if (!hashes.has(config)) throw invalid(`it names "${config}", found no such file`)
  if (manifest.components.length + manifest.functions.length + manifest.configs.length === 0)
    throw invalid('found neither components nor functions nor configs')
}

function invalid(found: string): Problem {
  return new Problem('manifest_invalid', `Cannot take the module: ${found}`)
}
