import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { Collector, ConfigurationError, StartError, type Inspection } from '@ingot/engine'
import type { CachedModule } from '@ingot/loader'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { debugSourceMaps } from '../debug-source-maps.ts'
import { InspectorServer } from '../inspector-server.ts'
import { linkAuthorPackages } from '../link-author-packages.ts'
import { packModuleFolder, prepareModules, type PreparedModules } from '../prepare-modules.ts'
import { reportError } from '../report-error.ts'
import { watchFolder } from '../watch-folder.ts'

interface Flags {
  readonly module: string
  readonly 'server.http.listenAddr': string
  readonly 'storage.path'?: string
  readonly inspect?: number
}

/** As that of Node.js. */
const inspectPort = 9229
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
    .addOption(
      new Option('--inspect [port]', 'lets a debugger attach, on loopback').argParser(portNumber).preset(inspectPort),
    )
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
  const inspector = flags.inspect === undefined ? undefined : await InspectorServer.open(flags.inspect)
  const kept = flags['storage.path']
  // Positions and queues of one session mean nothing to the next one.
  const storageDir = kept === undefined ? await mkdtemp(join(tmpdir(), 'ingot-dev-')) : resolve(kept)
  try {
    await run(folder, { configPath, storageDir, listenAddress: flags['server.http.listenAddr'], prepared, inspector })
  } finally {
    inspector?.close()
    if (kept === undefined) await rm(storageDir, { recursive: true, force: true })
  }
}

interface Session {
  readonly configPath: string
  readonly storageDir: string
  readonly listenAddress: string
  readonly prepared: PreparedModules
  readonly inspector: InspectorServer | undefined
}

async function run(folder: string, session: Session): Promise<void> {
  const modules = new Map(session.prepared.modules)
  // Of every code that a debugger may see; other modules' are not there.
  const maps = new Map<string, string>()
  const learnMaps = async (module: CachedModule): Promise<void> => {
    if (session.inspector) for (const [sha256, map] of await debugSourceMaps(module, folder)) maps.set(sha256, map)
  }
  const forgetMaps = ({ manifest }: CachedModule): void => {
    const used = new Set([...manifest.components, ...manifest.functions].map(({ sha256 }) => sha256))
    for (const sha256 of maps.keys()) if (!used.has(sha256)) maps.delete(sha256)
  }
  for (const module of modules.values()) await learnMaps(module)
  const collector = await start({ ...session, prepared: { ...session.prepared, modules } }, maps)
  say(`http://${collector.address}/ shows the pipeline; save a file to change it, Ctrl-C ends it`)
  let last = Promise.resolve()
  const watch = watchFolder([folder, session.configPath], (changed) => {
    last = last.then(() => takeOver({ changed, folder, modules, collector, learnMaps, forgetMaps }))
  })
  await new Promise<void>((stopped) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped())
  })
  watch.close()
  await last
  await collector.stop()
}

async function start(
  { prepared, inspector, ...paths }: Session,
  maps: ReadonlyMap<string, string>,
): Promise<Collector> {
  try {
    return await Collector.start({
      ...prepared,
      ...paths,
      ...(inspector && { inspect: (instance, sha256) => inspect(inspector, instance, maps.get(sha256)) }),
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

interface Change {
  readonly changed: string
  readonly folder: string
  readonly modules: Map<string, CachedModule>
  readonly collector: Collector
  readonly learnMaps: (module: CachedModule) => Promise<void>
  /** All but those of this module's code. */
  readonly forgetMaps: (module: CachedModule) => void
}

/** Packs the folder anew and loads the configuration with it. Whatever is wrong with either, what runs goes on. */
async function takeOver(change: Change): Promise<void> {
  const { changed, folder, modules, collector, learnMaps, forgetMaps } = change
  const startedAt = performance.now()
  try {
    const module = await packModuleFolder(folder)
    const { name } = module.manifest
    const former = modules.get(name)
    if (!former)
      throw new CommandError(`Cannot take over the module: it is now called "${name}"`, 'start this command again')
    await learnMaps(module)
    modules.set(name, module)
    const { ok, text } = await collector.reload()
    if (!ok) modules.set(name, former)
    forgetMaps(modules.get(name)!)
    say(
      `${changed} changed: ${ok ? summary(text) : 'nothing is taken over'} (${Math.round(performance.now() - startedAt)} ms)`,
    )
    if (!ok) process.stderr.write(text)
  } catch (error) {
    // A file that an editor has just taken away, too: the next change is looked at anew.
    say(`${changed} changed: the former code goes on`)
    reportError(error)
  }
}

function inspect(
  inspector: InspectorServer,
  instance: string,
  sourceMapUrl: string | undefined,
): Inspection | undefined {
  if (sourceMapUrl === undefined) return undefined
  const url = inspector.urlOf(instance)
  say(`debugger of ${instance}: ${url}`)
  say(`  in Chrome: devtools://devtools/bundled/inspector.html?ws=${url.slice('ws://'.length)}`)
  return inspector.inspection(instance, sourceMapUrl)
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('want a port')
  return port
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
