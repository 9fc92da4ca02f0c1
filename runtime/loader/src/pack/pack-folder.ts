import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeFileAtomically } from '../cache/atomic-file.ts'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { LoaderError } from '../loader-error.ts'
import type { AuthorPackages } from './bundle-entry.ts'
import type { PackAnswer, PackTask } from './pack-process.ts'
import { sourceHash } from './source-hash.ts'

/** Packing one module takes about a second; a component that hangs when it is loaded is given up. */
const packTimeoutMs = 120_000
const outputBytesMax = 2 ** 20

export interface PackProgress {
  readonly module: string
  readonly state: 'packing' | 'packed' | 'unchanged'
}

export interface PackFolderOptions {
  readonly cache: ModuleCache
  /** For modules outside of a workspace: where the SDK is found. */
  readonly packages?: AuthorPackages
  /** Hash of what the packed form depends on beside the folder; see {@link packerHash}. */
  readonly packer: string
  /** What progress is told of; the folder's name without it. */
  readonly shown?: string
  readonly onProgress?: (progress: PackProgress) => void
}

/**
 * Packs a module folder into the cache, in a process of its own, unless its sources are the ones packed before.
 * @throws LoaderError when the sources are not a module.
 */
export async function packFolder(dir: string, options: PackFolderOptions): Promise<CachedModule> {
  const { cache, packer, packages = {}, onProgress = () => undefined } = options
  const moduleDir = resolve(dir)
  const module = options.shown ?? basename(moduleDir)
  const own = await sourceHash(moduleDir, ['.'])
  const note = join(cache.dir, 'sources', `${basename(moduleDir)}-${own.slice(0, 32)}-${packer.slice(0, 32)}`)
  const known = await readFile(note, 'utf8').catch(() => undefined)
  const cached = known === undefined ? undefined : await openOrForget(cache, known)
  if (cached) {
    onProgress({ module, state: 'unchanged' })
    return cached
  }
  onProgress({ module, state: 'packing' })
  const packed = await pack(moduleDir, packages, cache)
  await writeFileAtomically(note, packed.integrity)
  onProgress({ module, state: 'packed' })
  return packed
}

/** Hash of the SDK and of the packer in a checkout: with other ones, the same sources give another module. */
export function packerHash(root: string): Promise<string> {
  return sourceHash(root, ['sdk', 'runtime/loader/src/pack', 'pnpm-lock.yaml'])
}

/** What was packed here can be packed again: damage in the cache costs a second, not a start. */
async function openOrForget(cache: ModuleCache, integrity: string): Promise<CachedModule | undefined> {
  try {
    return await cache.open(integrity)
  } catch (error) {
    if (error instanceof LoaderError) return undefined
    throw error
  }
}

async function pack(moduleDir: string, packages: AuthorPackages, cache: ModuleCache): Promise<CachedModule> {
  const answerDir = await mkdtemp(join(tmpdir(), 'ingot-pack-answer-'))
  try {
    const answerFile = join(answerDir, 'answer.json')
    await runPackProcess({ moduleDir, cacheDir: cache.dir, packages, answerFile })
    const answer = JSON.parse(await readFile(answerFile, 'utf8')) as PackAnswer
    if ('problems' in answer) throw new LoaderError(answer.problems)
    return (await cache.open(answer.integrity))!
  } finally {
    await rm(answerDir, { recursive: true, force: true })
  }
}

async function runPackProcess(task: PackTask): Promise<void> {
  const program = fileURLToPath(new URL('pack-process.ts', import.meta.url))
  const args = ['--disable-warning=ExperimentalWarning', program, JSON.stringify(task)]
  try {
    await promisify(execFile)(process.execPath, args, {
      timeout: packTimeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: outputBytesMax,
    })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new LoaderError(
      {
        code: 'bundle-failed',
        message: `Cannot pack "${task.moduleDir}": ${stderr?.trim() || (error as Error).message}`,
      },
      { cause: error },
    )
  }
}
