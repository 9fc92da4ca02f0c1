import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { moduleManifest, type ModuleManifest } from '@ingot/manifest'
import { ArchiveError, readArchive } from '@ingot/trust'
import { LoaderError } from '../loader-error.ts'

/** A module's content, all of it in memory and checked: bounded by the limits of an archive. */
export interface ModuleContent {
  readonly manifest: ModuleManifest
  readonly manifestBytes: Uint8Array
  readonly files: ReadonlyMap<string, Uint8Array>
}

/**
 * Reads and checks a packed module: the archive's own rules, one `module.json`, and each bundle as the manifest names it.
 * @throws LoaderError
 */
export async function readModule(archive: Uint8Array): Promise<ModuleContent> {
  const files = new Map<string, Uint8Array>()
  try {
    for await (const { path, bytes } of readArchive(archive)) files.set(path, bytes)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    throw new LoaderError({ code: 'archive-invalid', message: error.message }, { cause: error })
  }
  const manifestBytes = files.get('module.json')
  if (!manifestBytes) throw invalid('found no module.json in the archive')
  const manifest = parseManifest(manifestBytes)
  for (const { name, entry, sha256 } of [...manifest.components, ...manifest.functions]) {
    const bundle = files.get(entry)
    if (!bundle) throw invalid(`"${name}" names "${entry}", and the archive has no such file`)
    if (sha256Hex(bundle) !== sha256) throw invalid(`the bundle "${entry}" differs from its sha256 in module.json`)
  }
  for (const config of manifest.configs) {
    if (!files.has(config)) throw invalid(`it names config "${config}", and the archive has no such file`)
  }
  return { manifest, manifestBytes, files }
}

/** Writes a checked module's files to `dir`, all or nothing. When another process was first, its tree stands. */
export async function writeTree(content: ModuleContent, dir: string): Promise<void> {
  const temporary = `${dir}.${process.pid}-${randomUUID()}.tmp`
  try {
    for (const [path, bytes] of content.files) {
      const file = join(temporary, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes, { flag: 'wx', mode: 0o444 })
    }
    await rename(temporary, dir)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

/** Whether every file in `dir` still has the bytes of the archive. */
export async function matchesTree(content: ModuleContent, dir: string): Promise<boolean> {
  for (const [path, bytes] of content.files) {
    const found = await readFile(join(dir, path)).catch(() => undefined)
    if (!found || !found.equals(bytes)) return false
  }
  return true
}

function parseManifest(bytes: Uint8Array): ModuleManifest {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw invalid(`module.json is not JSON: ${(error as Error).message}`)
  }
  const parsed = moduleManifest.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`module.json is not a manifest: ${issue!.path.join('.')}: ${issue!.message}`)
}

function invalid(found: string): LoaderError {
  return new LoaderError({ code: 'manifest-invalid', message: `Cannot use the module: ${found}` })
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
