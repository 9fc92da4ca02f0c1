import type { Distribution } from '@ingot/loader'
import { RunnerSupervisor } from '@ingot/sandbox'
import { join } from 'node:path'
import { readHttpSettings } from '../http/http-settings.ts'
import { AdminServer } from '../http/server.ts'
import type { ReloadAnswer } from '../http/view.ts'
import type { FromLane } from '../lane/protocol.ts'
import { ComponentTable, type ApplyResult } from './component-table.ts'
import type { Configuration } from './configuration.ts'
import { LaneSupervisor } from './lane-supervisor.ts'
import { loadConfiguration, type LoadInput, type LoadResult } from './load-configuration.ts'
import { LogShipper } from './log-shipper.ts'
import { CollectorLog } from './log.ts'
import { RunnerHistory } from './runner-history.ts'
import { RunnerRequests } from './runner-requests.ts'
import { RunningView } from './running-view.ts'
import { SerialQueue } from './serial-queue.ts'
import { StartError } from './start-error.ts'
import { ImportWatch } from './watch-imports.ts'

export interface CollectorOptions {
  /** A file, or a folder of *.alloy files. */
  readonly configPath: string
  readonly distribution: Distribution
  readonly cacheDir: string
  readonly storageDir: string
  /** `host:port` of the HTTP server. */
  readonly listenAddress: string
  /** `--server.http.memory-addr`: the internal address of components' own metrics. */
  readonly memoryAddress: string
  readonly uiPathPrefix: string
  readonly lanes: number
  /** Puts portable modules of the distribution into runners as well. */
  readonly sandboxAll: boolean
  readonly shutdownDeadlineMs: number
  readonly laneStallMs: number
  readonly laneHeapMiB: number
  readonly stabilityLevel: 'experimental' | 'public-preview' | 'generally-available'
  /** Whether components that the community maintains may be used. */
  readonly communityComponents?: boolean
  /** Colour in printed diagnostics. */
  readonly color: boolean
}

/** The lane that sends the collector's own log lines. */
const logLane = 0

/** Imports that components export the text of, whose components export the text of imports, and so on. */
const importRoundsMax = 16
/** Diagnostics of one load that are logged. */
const loggedDiagnosticsMax = 100

/** The configuration does not hold; `message` is the printed diagnostics. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** The configuration and `ingot.lock` do not say the same. */
  readonly lockDisagrees: boolean

  constructor({ printed, lockDisagrees }: LoadResult) {
    super(printed)
    this.lockDisagrees = lockDisagrees
  }
}

/** A running collector: control's side of everything. */
export class Collector {
  readonly #options: CollectorOptions
  readonly #log = new CollectorLog()
  readonly #changes = new SerialQueue()
  readonly #lanes: LaneSupervisor
  readonly #table: ComponentTable
  readonly #runners: RunnerRequests
  readonly #runnerHistory = new RunnerHistory()
  readonly #view: RunningView
  #server: AdminServer | undefined
  #supervisor: Promise<RunnerSupervisor> | undefined
  readonly #shipper: LogShipper
  readonly #importWatch = new ImportWatch((id) => this.#onImportChanged(id))
  #configuration: Configuration | undefined
  /** What the running configuration was read from. */
  #sources: LoadInput['sources']
  #changedExports = new Set<string>()
  /** An import's text comes from a component that has exported another one. */
  #importsChanged = false
  #failedLoad: string | undefined
  #loadedAt = 0
  #started = false
  #stopping = false
  /** The HTTP server's address once it listens. */
  address = ''

  private constructor(options: CollectorOptions) {
    this.#options = options
    this.#lanes = new LaneSupervisor({
      count: options.lanes,
      storageDir: options.storageDir,
      internalAddress: options.memoryAddress,
      stallMs: options.laneStallMs,
      heapMiB: options.laneHeapMiB,
      onMessage: (lane, message) => this.#onLaneMessage(lane, message),
      onLost: (lane, reason) => this.#onLaneLost(lane, reason),
      onRestarted: (lane) => {
        if (lane === logLane) this.#shipper.sendAgain()
        void this.#changes.run(() => this.#table.onLaneRestarted(lane))
      },
    })
    this.#shipper = new LogShipper({
      send: (id, output, lines) => this.#lanes.post(logLane, { kind: 'own-logs', id, output, lines }),
    })
    this.#log.onLine = (line, timeMs, fields) => this.#shipper.add(line, timeMs, fields['component_id'])
    this.#table = new ComponentTable({
      lanes: this.#lanes,
      shutdownDeadlineMs: options.shutdownDeadlineMs,
      onExports: (id) => this.#onExports(id),
      log: (level, message, fields) => this.#log.log(level, message, fields),
    })
    this.#runners = new RunnerRequests(
      () => this.#openSupervisor(),
      (lane, message) => this.#lanes.post(lane, message),
    )
    this.#view = new RunningView({
      table: this.#table,
      lanes: this.#lanes,
      configuration: () => this.#configuration,
      ready: () => this.#started && !this.#stopping,
      load: () => ({ failed: this.#failedLoad, succeededAt: this.#loadedAt }),
      ownLog: () => this.#shipper.counts,
      reload: () => this.reload(),
      runners: () => this.#runnerHistory,
      resume: (id) => this.#resume(id),
      storageDir: options.storageDir,
    })
  }

  /**
   * @throws ConfigurationError when the first load does not hold: then nothing runs. StartError when the address or the
   * certificate cannot be used.
   */
  static async start(options: CollectorOptions): Promise<Collector> {
    const collector = new Collector(options)
    try {
      await collector.#start()
      return collector
    } catch (error) {
      await collector.stop()
      throw error
    }
  }

  async #start(): Promise<void> {
    let loaded = await this.#load({ color: this.#options.color })
    if (!loaded.configuration) throw new ConfigurationError(loaded)
    await this.#serve(loaded.configuration)
    await this.#changes.run(async () => {
      await this.#adopt(loaded, loaded.configuration!)
      for (let round = 0; this.#importsChanged && round < importRoundsMax; round++) {
        loaded = await this.#load({ sources: this.#sources, color: this.#options.color })
        if (!loaded.configuration) throw new ConfigurationError(loaded)
        await this.#adopt(loaded, loaded.configuration)
      }
    })
    this.#started = true
  }

  async #serve(configuration: Configuration): Promise<void> {
    const { listenAddress, uiPathPrefix } = this.#options
    try {
      const settings = await readHttpSettings(configuration.http)
      this.#server = new AdminServer(this.#view, uiPathPrefix, settings)
      this.address = await this.#server.listen(listenAddress)
    } catch (error) {
      throw StartError.from(error, listenAddress)
    }
  }

  /** Stops components from sources to sinks, so that what is under way still arrives. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#importWatch.close()
    await this.#changes.run(async () => {
      for (const level of [...(this.#configuration?.levels ?? [])].reverse())
        await Promise.all(level.map((id) => this.#table.stop(id)))
    })
    await this.#server?.close()
    await this.#lanes.close()
    await (await this.#supervisor)?.close()
  }

  reload(): Promise<ReloadAnswer> {
    return this.#changes.run(() => this.#reload())
  }

  /** @param sources the files of the running configuration, when only what they import is to be read again */
  async #reload(sources?: LoadInput['sources']): Promise<ReloadAnswer> {
    let loaded: LoadResult
    try {
      loaded = await this.#load({ sources, color: false })
    } catch (error) {
      // A disk or a defect of our own: what runs goes on, whoever asked for the reload.
      const text = `Cannot load the configuration: ${(error as Error).message}`
      this.#log.log('error', text, { stack: (error as Error).stack })
      return { ok: false, text: `${text}\n` }
    }
    if (!loaded.configuration) return { ok: false, text: loaded.printed }
    try {
      const settings = await readHttpSettings(loaded.configuration.http)
      if (!this.#server!.reconfigure(settings)) this.#log.log('warn', 'HTTPS is switched on or off at the next start')
    } catch (error) {
      const { message } = error as Error
      this.#failedLoad = message
      this.#log.log('error', 'configuration not loaded: nothing has changed', { error: message })
      return { ok: false, text: `${message}\n` }
    }
    return this.#adopt(loaded, loaded.configuration)
  }

  #onImportChanged(id: string): void {
    this.#log.log('info', 'import has changed', { import: id })
    void this.#changes.run(() => this.#reloadImports())
  }

  async #reloadImports(): Promise<void> {
    if (!this.#stopping) await this.#reload(this.#sources)
  }

  /** Reads and checks the configuration beside what runs. */
  async #load({
    sources,
    color,
  }: Pick<LoadInput, 'color'> & { readonly sources?: LoadInput['sources'] | undefined }): Promise<LoadResult> {
    const { configPath, distribution, cacheDir, storageDir, sandboxAll, stabilityLevel, communityComponents } =
      this.#options
    const loaded = await loadConfiguration({
      configPath,
      distribution,
      cacheDir,
      storageDir,
      lanes: this.#lanes.count,
      lanesStarted: this.#lanes.started,
      sandboxAll,
      stabilityLevel,
      ...(communityComponents !== undefined && { communityComponents }),
      color,
      liveExports: (id) => this.#table.get(id)?.exportsValue,
      ...(sources && { sources }),
    })
    this.#importsChanged = false
    // Without excerpts: a line of the configuration may hold a secret, and pages are read by more people than files.
    this.#failedLoad = loaded.configuration
      ? undefined
      : loaded.found.map(({ at, severity, code, message }) => `${at}: ${severity}[${code}]: ${message}`).join('\n')
    for (const { severity, message, code, at } of loaded.found.slice(0, loggedDiagnosticsMax))
      this.#log.log(severity === 'error' ? 'error' : 'warn', message, { code, at })
    if (!loaded.configuration)
      this.#log.log('error', 'configuration not loaded: nothing has changed', { errors: loaded.errors })
    return loaded
  }

  /** Makes a configuration that holds the running one. */
  async #adopt({ printed, sources }: LoadResult, configuration: Configuration): Promise<ReloadAnswer> {
    this.#log.configure(configuration.logging)
    this.#sources = sources
    const { updated, started, stopped, untouched } = await this.#apply(configuration)
    this.#loadedAt = Date.now()
    this.#shipper.configure(configuration.logOutput)
    await this.#importWatch.set(configuration.watchedImports)
    const result = `${updated.length} updated, ${started.length} started, ${stopped.length} stopped, ${untouched} untouched`
    this.#log.log('info', 'configuration loaded', { result })
    return { ok: true, text: `config reloaded\n${result}\n${printed}` }
  }

  /** Makes the running components those of `next`, receivers before senders. */
  async #apply(next: Configuration): Promise<ApplyResult> {
    const before = this.#configuration?.order ?? []
    this.#configuration = next
    const wanted = new Set(next.order)
    const stopped = before.filter((id) => !wanted.has(id)).reverse()
    for (const id of stopped) await this.#table.stop(id)
    if (!this.#lanes.started) this.#lanes.setCount(next.lanes)
    if (next.order.length > 0) await this.#lanes.start()
    const done = { started: [] as string[], updated: [] as string[], untouched: 0 }
    for (const level of next.levels) {
      await Promise.all(
        level.map(async (id) => {
          const desired = next.desired(id)
          if (!desired) return
          const what = await this.#table.apply(desired)
          if (what === 'untouched') done.untouched++
          else done[what].push(id)
          if (what === 'started' && next.feedsOthers(id)) await this.#table.awaitFirstExports(id)
        }),
      )
      this.#importsChanged ||= next.exportsChanged(this.#takeChangedExports()).imports
    }
    return { ...done, stopped }
  }

  #onExports(id: string): void {
    this.#changedExports.add(id)
    // Changes that come while others are being applied are taken together.
    if (this.#changedExports.size === 1) void this.#changes.run(() => this.#propagateExports())
  }

  async #propagateExports(): Promise<void> {
    const configuration = this.#configuration
    const changed = this.#takeChangedExports()
    if (!configuration || this.#stopping || changed.size === 0) return
    const { components, imports } = configuration.exportsChanged(changed)
    if (imports) void this.#changes.run(() => this.#reloadImports())
    for (const { id, desired, error } of components) {
      if (desired) await this.#table.apply(desired)
      else this.#table.get(id)?.health.set('evaluation', 'unhealthy', `component evaluation failed: ${error}`)
    }
  }

  #takeChangedExports(): ReadonlySet<string> {
    const changed = this.#changedExports
    this.#changedExports = new Set()
    return changed
  }

  #onLaneMessage(lane: number, message: FromLane): void {
    switch (message.kind) {
      case 'log':
        return this.#log.log(message.level, message.message, { component_id: message.component, ...message.fields })
      case 'runner':
        return void this.#runners.handle(lane, message.call, message.request)
      case 'self-metrics':
        return void this.#view.metrics().then((text) => {
          this.#lanes.post(lane, { kind: 'reply', call: message.call, value: new TextEncoder().encode(text) })
        })
      case 'own-logs-settled':
        return this.#shipper.settled(message.id, message.outcome)
      default:
        this.#table.onLaneMessage(lane, message)
    }
  }

  #onLaneLost(lane: number, reason: string): void {
    this.#log.log('error', 'lane is gone and will be started again', { lane, reason })
    this.#table.onLaneLost(lane, reason)
    void this.#runners.onLaneLost(lane)
  }

  #openSupervisor(): Promise<RunnerSupervisor> {
    this.#supervisor ??= RunnerSupervisor.open({
      cacheDir: join(this.#options.cacheDir, 'runner'),
      onExit: (exit) => {
        this.#runnerHistory.exited(exit)
        const { instance, reason, detail, batch, peakRssBytes, cpuMs } = exit
        const figures = { peak_rss_bytes: peakRssBytes, cpu_ms: cpuMs }
        this.#log.log('warn', 'runner ended', { component_id: instance, reason, detail, batch, ...figures })
      },
      onIsolateLost: (instance, reason) => this.#runnerHistory.isolateLost(instance, reason),
      onQuarantined: (instance, reason) => {
        this.#runnerHistory.quarantined(instance, reason)
        const resume = `POST /api/v0/ingot/components/${instance}/resume`
        this.#log.log('error', 'module quarantined: it is not started again', {
          component_id: instance,
          reason,
          resume,
        })
      },
    })
    return this.#supervisor
  }

  async #resume(id: string): Promise<boolean> {
    const resumed = (await this.#supervisor)?.resume(id) ?? false
    if (resumed) {
      this.#runnerHistory.resumed(id)
      this.#log.log('info', 'module resumed by the operator', { component_id: id })
    }
    return resumed
  }

  /** Ends a lane as a crash would. For operators and tests of recovery. */
  terminateLane(lane: number): void {
    this.#lanes.terminate(lane, 'terminated')
  }
}
