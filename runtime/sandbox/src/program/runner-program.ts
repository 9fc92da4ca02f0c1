import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { addonPath } from './addon-path.ts'

/** The files that a runner is started with. */
export interface RunnerProgram {
  /** The only folder that a runner may read. */
  readonly dir: string
  readonly main: string
  readonly prelude: string
  readonly addon: string
}

const inspectedFile = 'inspected.cjs'

/** The same for a module that is debugged. */
export function inspectedProgram(program: RunnerProgram): RunnerProgram {
  return { ...program, main: path.join(program.dir, inspectedFile) }
}

const here = path.dirname(fileURLToPath(import.meta.url))
const sandboxSources = path.join(here, '..')

/**
 * Bundles the runner and the prelude from their sources into `cacheDir`, or finds what an earlier start bundled from
 * the same sources. The addon's binary is linked beside them, so that a runner reads one folder.
 * @throws when the prelude would need anything that an isolate does not have.
 */
export async function prepareRunnerProgram(cacheDir: string): Promise<RunnerProgram> {
  const addon = addonPath()
  const dir = path.join(cacheDir, `runner-${await sourcesHash(addon)}`)
  const program = {
    dir,
    main: path.join(dir, 'runner.cjs'),
    prelude: path.join(dir, 'prelude.js'),
    addon: path.join(dir, 'addon.node'),
  }
  if (existsSync(dir)) return program
  const building = `${dir}.${process.pid}.${Date.now()}`
  const [runner, inspected, prelude] = await Promise.all([
    bundle('runner/main.ts', 'cjs'),
    bundle('runner/inspected-main.ts', 'cjs'),
    bundle('prelude/main.ts', 'iife'),
  ])
  await fs.mkdir(building, { recursive: true, mode: 0o755 })
  await fs.writeFile(path.join(building, 'runner.cjs'), runner)
  await fs.writeFile(path.join(building, inspectedFile), inspected)
  await fs.writeFile(path.join(building, 'prelude.js'), prelude)
  await fs.copyFile(addon, path.join(building, 'addon.node'))
  // Several collectors may build at once: the first to finish wins, and the others' work is the same.
  await fs.rename(building, dir).catch(() => fs.rm(building, { recursive: true, force: true }))
  return program
}

async function bundle(entry: string, format: 'cjs' | 'iife'): Promise<string> {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input: path.join(sandboxSources, entry),
    platform: format === 'cjs' ? 'node' : 'neutral',
    ...(format === 'cjs' && { external: /^node:/ }),
    treeshake: true,
  })
  const { output } = await build.generate({ format, name: 'prelude', codeSplitting: false })
  await build.close()
  const [chunk] = output
  if (format === 'iife' && chunk.imports.length > 0) {
    throw new Error(`Cannot bundle the prelude: it imports ${chunk.imports.join(', ')}, and an isolate has no modules`)
  }
  return chunk.code
}

/** Of every source that may go into the two bundles, and of the addon. */
async function sourcesHash(addon: string): Promise<string> {
  const hash = createHash('sha256')
  hash.update(`${process.version} ${addon} ${(await fs.stat(addon)).size}`)
  const folders = ['runner', 'prelude', 'protocol'].map((folder) => path.join(sandboxSources, folder))
  folders.push(packageSources('@ingot/sdk'), packageSources('@ingot/telemetry'))
  for (const folder of folders) {
    const names = await fs.readdir(folder, { recursive: true })
    for (const name of names.filter((file) => /(?<!\.test)\.ts$/.test(file)).sort()) {
      hash.update(`\0${name}\0`)
      hash.update(await fs.readFile(path.join(folder, name)))
    }
  }
  return hash.digest('hex').slice(0, 24)
}

function packageSources(name: string): string {
  return path.dirname(fileURLToPath(import.meta.resolve(name)))
}
