import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { Collector, ConfigurationError, StartError } from '@ingot/engine'
import { LoaderError, type CachedModule } from '@ingot/loader'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { linkAuthorPackages } from '../link-author-packages.ts'
import { packModuleFolder, prepareModules, type PreparedModules } from '../prepare-modules.ts'
import { reportError } from '../report-error.ts'
import { watchFolder } from '../watch-folder.ts'

interface Flags {
  readonly module: string
  readonly 'server.http.listenAddr': string
  readonly 'storage.path'?: string
}

/** A component that does not stop in time is left behind: its author waits. */
const shutdownDeadlineMs = 5_000
const laneStallMs = 10_000
const laneHeapMiB = 512

/** `ingot module dev`: a running pipeline that takes over every change of a module's sources. */
export function registerDev(module: Command): void {
  module
    .command('dev')
    .description('runs a configuration with a module from its folder, and takes over every change of its sources')
    .argument('[config]', "configuration (default: the one in the module's examples/)")
    .option('--module <folder>', 'folder of the module', '.')
    .option('--server.http.listen-addr <host:port>', 'address of the HTTP server', '127.0.0.1:12345')
    .option('--storage.path <folder>', 'folder of durable data (default: a new one, removed at the end)')
    .action(dev)
}

async function dev(config: string | undefined, raw: Record<string, unknown>): Promise<void> {
  const flags = raw as unknown as Flags
  const folder = resolve(flags.module)
  const configPath = config ?? (await onlyExample(folder))
  await linkAuthorPackages(folder)
  const prepared = await prepareModules([folder])
  const [name, module] = [...prepared.modules][0]!
  say(`${name} ${module.manifest.version} in ${relative('.', folder) || '.'}, run by ${relative('.', configPath)}`)
  const kept = flags['storage.path']
  // Positions and queues of one session mean nothing to the next one.
  const storageDir = kept === undefined ? await mkdtemp(join(tmpdir(), 'ingot-dev-')) : resolve(kept)
  try {
    await run(folder, { configPath, storageDir, listenAddress: flags['server.http.listenAddr'], prepared })
  } finally {
    if (kept === undefined) await rm(storageDir, { recursive: true, force: true })
  }
}

interface Session {
  readonly configPath: string
  readonly storageDir: string
  readonly listenAddress: string
  readonly prepared: PreparedModules
}

async function run(folder: string, session: Session): Promise<void> {
  const modules = new Map(session.prepared.modules)
  const collector = await start({ ...session, prepared: { ...session.prepared, modules } })
  say(`http://${collector.address}/ shows the pipeline; save a file to change it, Ctrl-C ends it`)
  let last = Promise.resolve()
  const watch = watchFolder([folder, session.configPath], (changed) => {
    last = last.then(() => takeOver(changed, folder, modules, collector))
  })
  await new Promise<void>((stopped) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped())
  })
  watch.close()
  await last
  await collector.stop()
}

async function start({ prepared, ...paths }: Session): Promise<Collector> {
  try {
    return await Collector.start({
      ...prepared,
      ...paths,
      memoryAddress: 'alloy.internal:12345',
      uiPathPrefix: '/',
      lanes: 1,
      sandboxAll: false,
      shutdownDeadlineMs,
      laneStallMs,
      laneHeapMiB,
      stabilityLevel: 'experimental',
      color: process.stderr.isTTY,
    })
  } catch (error) {
    if (error instanceof StartError || error instanceof ConfigurationError)
      throw new CommandError(error.message.trimEnd())
    throw error
  }
}

/** Packs the folder anew and loads the configuration with it. Whatever is wrong with either, what runs goes on. */
async function takeOver(
  changed: string,
  folder: string,
  modules: Map<string, CachedModule>,
  collector: Collector,
): Promise<void> {
  const startedAt = performance.now()
  try {
    const module = await packModuleFolder(folder)
    const { name } = module.manifest
    const former = modules.get(name)
    if (!former)
      throw new CommandError(`Cannot take over the module: it is now called "${name}"`, 'start this command again')
    modules.set(name, module)
    const { ok, text } = await collector.reload()
    if (!ok) modules.set(name, former)
    say(
      `${changed} changed: ${ok ? summary(text) : 'nothing is taken over'} (${Math.round(performance.now() - startedAt)} ms)`,
    )
    if (!ok) process.stderr.write(text)
  } catch (error) {
    if (!(error instanceof LoaderError || error instanceof CommandError)) throw error
    say(`${changed} changed: the former code goes on`)
    reportError(error)
  }
}

/** `0 updated, 1 started, …`: the second line of a reload's answer. */
function summary(text: string): string {
  return text.split('\n')[1] ?? ''
}

async function onlyExample(folder: string): Promise<string> {
  const names = (await readdir(join(folder, 'examples')).catch(() => [])).filter((name) => name.endsWith('.alloy'))
  if (names.length === 1) return join(folder, 'examples', names[0]!)
  throw new CommandError(
    `Cannot choose a configuration: found ${names.length} in "${join(folder, 'examples')}", want one`,
    'name one: ingot module dev <config>',
  )
}

function say(text: string): void {
  process.stderr.write(`ingot: ${text}\n`)
}
