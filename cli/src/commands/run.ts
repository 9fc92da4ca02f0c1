import { Collector, ConfigurationError, StartError } from '@ingot/engine'
import { parseDuration } from '@ingot/sdk'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { lockExitCode } from '../report-error.ts'
import { moduleOption } from '../module-option.ts'
import { prepareModules, type PreparedModules } from '../prepare-modules.ts'

interface RunFlags {
  readonly 'server.http.listenAddr': string
  readonly 'server.http.memoryAddr': string
  readonly 'server.http.uiPathPrefix': string
  readonly 'storage.path': string
  readonly 'stability.level': 'experimental' | 'public-preview' | 'generally-available'
  readonly 'feature.componentShutdownDeadline': number
  readonly 'feature.communityComponents.enabled'?: boolean
  readonly 'reload.partial'?: boolean
  readonly frozen?: boolean
  readonly offline?: boolean
  readonly lanes: number
  readonly module: readonly string[]
  readonly sandbox: 'untrusted' | 'all'
  readonly 'lane.stallDeadline': number
  readonly 'lane.heapMib': number
}

/** `ingot run <path>`: Alloy's flags where they exist, Ingot's own beside them. */
export function register(program: Command): void {
  program
    .command('run')
    .description('runs the configuration of a file, or of the *.alloy files of a folder')
    .argument('<path>', 'file or folder')
    .option('--server.http.listen-addr <host:port>', 'address of the HTTP server', '127.0.0.1:12345')
    .option('--server.http.memory-addr <host:port>', 'internal address of components', 'alloy.internal:12345')
    .option('--server.http.ui-path-prefix <path>', 'path under which pages and API are served', '/')
    .option('--storage.path <folder>', 'folder of durable data', 'data-alloy/')
    .addOption(
      new Option('--stability.level <level>', 'least stability of what may be used')
        .choices(['experimental', 'public-preview', 'generally-available'])
        .default('generally-available'),
    )
    .option('--feature.community-components.enabled', 'allows components that the community maintains')
    .addOption(
      new Option('--feature.component-shutdown-deadline <duration>', 'how long a component may take to stop')
        .argParser(milliseconds)
        .default(600_000, '"10m"'),
    )
    .option('--reload.partial', 'a reload takes over what can be evaluated and leaves the rest as it was')
    .option('--frozen', 'wants imports from elsewhere to be what ingot.lock pins, and does not follow changes of them')
    .option('--offline', 'takes modules from the cache and the vendor folder, and asks no registry')
    .addOption(
      new Option('--lanes <n>', 'worker threads that run components')
        .argParser(positiveInteger)
        .default(availableParallelism(), 'the cores of this machine'),
    )
    .addOption(
      new Option('--sandbox <which>', 'which components run in runners')
        .choices(['untrusted', 'all'])
        .default('untrusted'),
    )
    .addOption(
      new Option('--lane.stall-deadline <duration>', 'a lane stuck for this long is started again')
        .argParser(milliseconds)
        .default(10_000, '"10s"'),
    )
    .option('--lane.heap-mib <n>', 'heap of one lane', positiveInteger, 1024)
    .addOption(moduleOption())
    .action(run)
}

async function run(path: string, raw: Record<string, unknown>): Promise<void> {
  const flags = raw as unknown as RunFlags
  const collector = await startCollector(path, flags, await prepareModules(flags.module))
  process.on('SIGHUP', () => void collector.reload())
  await new Promise<void>((stopped) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void collector.stop().then(stopped))
    }
  })
}

async function startCollector(path: string, flags: RunFlags, loaded: PreparedModules): Promise<Collector> {
  try {
    return await Collector.start({
      ...loaded,
      configPath: path,
      storageDir: resolve(flags['storage.path']),
      listenAddress: flags['server.http.listenAddr'],
      memoryAddress: flags['server.http.memoryAddr'],
      uiPathPrefix: flags['server.http.uiPathPrefix'],
      lanes: flags.lanes,
      sandboxAll: flags.sandbox === 'all',
      shutdownDeadlineMs: flags['feature.componentShutdownDeadline'],
      laneStallMs: flags['lane.stallDeadline'],
      laneHeapMiB: flags['lane.heapMib'],
      stabilityLevel: flags['stability.level'],
      communityComponents: flags['feature.communityComponents.enabled'] ?? false,
      reloadPartial: flags['reload.partial'] ?? false,
      frozen: flags.frozen ?? false,
      offline: flags.offline ?? false,
      color: process.stderr.isTTY,
    })
  } catch (error) {
    if (error instanceof StartError) throw new CommandError(error.message)
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(error.message)
    process.exit(error.lockDisagrees ? lockExitCode : 1)
  }
}

function milliseconds(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('want a whole number of at least 1')
  return value
}
