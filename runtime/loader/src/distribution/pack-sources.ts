import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeFileAtomically } from '../cache/atomic-file.ts'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { gatherProblems, LoaderError } from '../loader-error.ts'
import type { PackAnswer } from './pack-process.ts'
import { sourceHash } from './source-hash.ts'

/** Packing one module takes about a second; a component that hangs when it is loaded is given up. */
const packTimeoutMs = 120_000
const outputBytesMax = 2 ** 20

export interface PackProgress {
  readonly module: string
  readonly state: 'packing' | 'packed' | 'unchanged'
}

/** Module folders of a checkout, each packed into the cache unless its sources are the ones packed before. */
export async function packSources(
  root: string,
  folders: readonly string[],
  cache: ModuleCache,
  onProgress: (progress: PackProgress) => void,
): Promise<CachedModule[]> {
  const shared = await sourceHash(root, ['sdk', 'runtime/loader/src/pack', 'pnpm-lock.yaml'])
  const started = new Map<string, Promise<CachedModule>>()
  const waiting = [...folders]
  const work = async (): Promise<void> => {
    for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
      const packing = packIfChanged(root, folder, shared, cache, onProgress)
      started.set(folder, packing)
      // Its failure is gathered below with those of the others.
      await packing.catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return gatherProblems(folders, (folder) => started.get(folder)!)
}

/** Folders under modules/ that are modules; the others are not yet, or hold none. */
export async function moduleFolders(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'modules'))
  const folders: string[] = []
  for (const name of names.sort()) {
    const isModule = await stat(join(root, 'modules', name, 'module.ts')).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isModule) folders.push(join('modules', name))
  }
  return folders
}

async function packIfChanged(
  root: string,
  folder: string,
  shared: string,
  cache: ModuleCache,
  onProgress: (progress: PackProgress) => void,
): Promise<CachedModule> {
  const own = await sourceHash(root, [folder])
  const note = join(cache.dir, 'sources', `${basename(folder)}-${own.slice(0, 32)}-${shared.slice(0, 32)}`)
  const known = await readFile(note, 'utf8').catch(() => undefined)
  const cached = known === undefined ? undefined : await openOrForget(cache, known)
  if (cached) {
    onProgress({ module: folder, state: 'unchanged' })
    return cached
  }
  onProgress({ module: folder, state: 'packing' })
  const module = await pack(join(root, folder), cache)
  await writeFileAtomically(note, module.integrity)
  onProgress({ module: folder, state: 'packed' })
  return module
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

async function pack(moduleDir: string, cache: ModuleCache): Promise<CachedModule> {
  const answerDir = await mkdtemp(join(tmpdir(), 'ingot-pack-answer-'))
  try {
    const answerFile = join(answerDir, 'answer.json')
    await runPackProcess(moduleDir, [moduleDir, cache.dir, answerFile])
    const answer = JSON.parse(await readFile(answerFile, 'utf8')) as PackAnswer
    if ('problems' in answer) throw new LoaderError(answer.problems)
    return (await cache.open(answer.integrity))!
  } finally {
    await rm(answerDir, { recursive: true, force: true })
  }
}

async function runPackProcess(moduleDir: string, args: readonly string[]): Promise<void> {
  const program = fileURLToPath(new URL('pack-process.ts', import.meta.url))
  try {
    await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      timeout: packTimeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: outputBytesMax,
    })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new LoaderError(
      { code: 'bundle-failed', message: `Cannot pack "${moduleDir}": ${stderr?.trim() || (error as Error).message}` },
      { cause: error },
    )
  }
}
