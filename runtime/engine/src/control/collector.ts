import type { RunnerSupervisor } from '@ingot/sandbox'
import type { RenderOptions } from '@ingot/syntax'
import { readHttpSettings, type HttpSettings } from '../http/http-settings.ts'
import { AdminServer } from '../http/server.ts'
import type { ReloadAnswer } from '../http/view.ts'
import type { FromLane } from '../lane/protocol.ts'
import type { CollectorOptions } from './collector-options.ts'
import { ComponentTable } from './component-table.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Configuration, LoadAgain } from './configuration.ts'
import { FunctionCalls } from './functions/function-calls.ts'
import { FunctionLane } from './functions/function-lane.ts'
import { RemoteImports } from './imports/remote-imports.ts'
import { LaneSupervisor } from './lane-supervisor.ts'
import { failuresText, LastLoad } from './last-load.ts'
import { loadConfiguration, refusedArguments } from './load-configuration.ts'
import type { LoadInput, LoadResult } from './load-configuration.ts'
import { LogShipper } from './log-shipper.ts'
import { CollectorLog } from './log.ts'
import { ModuleWatch } from './module-watch.ts'
import { openSupervisor } from './open-supervisor.ts'
import { OrphanedEdges } from './orphaned-edges.ts'
import { type Adopted, type InPart, type Reload, roundsMax } from './reload.ts'
import { RunningGraph, stronger } from './running-graph.ts'
import { RunnerHistory } from './runner-history.ts'
import { RunnerRequests } from './runner-requests.ts'
import { RunningView } from './running-view.ts'
import { SerialQueue } from './serial-queue.ts'
import { StartError } from './start-error.ts'
import { ImportWatch } from './watch-imports.ts'

/** The lane that sends the collector's own log lines. */
const logLane = 0

/** Logs and answers are read by others than the one who wrote the configuration. */
const forOthers: RenderOptions = { color: false, literals: 'hidden' }

/** A running collector: control's side of everything. */
export class Collector {
  readonly #options: CollectorOptions
  readonly #log = new CollectorLog()
  readonly #changes = new SerialQueue()
  readonly #lanes: LaneSupervisor
  readonly #table: ComponentTable
  readonly #graph: RunningGraph
  readonly #orphans: OrphanedEdges
  readonly #runners: RunnerRequests
  readonly #functions: FunctionCalls
  readonly #runnerHistory = new RunnerHistory()
  readonly #view: RunningView
  #server: AdminServer | undefined
  #supervisor: Promise<RunnerSupervisor> | undefined
  readonly #shipper: LogShipper
  readonly #importWatch = new ImportWatch((id) => this.#onImportChanged(id))
  readonly #remotes: RemoteImports
  readonly #moduleWatch: ModuleWatch
  /** What the running configuration was read from. */
  #sources: LoadInput['sources']
  /** Reloads that have been asked for and have not begun: whoever asks meanwhile gets the same answer. */
  #reloadToCome: Promise<ReloadAnswer> | undefined
  /** Why what runs is to be loaded again as soon as its turn comes. */
  #loadToCome: LoadAgain | undefined
  readonly #lastLoad = new LastLoad(this.#log)
  #started = false
  #ready = false
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
        void this.#changes.run(async () => {
          await this.#table.onLaneRestarted(lane)
          await this.#orphans.onLaneRestarted(lane, this.#graph.configuration)
        })
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
    this.#graph = new RunningGraph({ table: this.#table, lanes: this.#lanes })
    this.#orphans = new OrphanedEdges({
      storageDir: options.storageDir,
      table: this.#table,
      lanes: this.#lanes,
      log: this.#log,
    })
    this.#runners = new RunnerRequests(
      () => this.#openSupervisor(),
      (lane, message) => this.#lanes.post(lane, message),
    )
    const functionLane = new FunctionLane(options, this.#log, () => this.#openSupervisor())
    this.#functions = new FunctionCalls(functionLane)
    this.#remotes = new RemoteImports({
      cacheDir: options.cacheDir,
      storageDir: options.storageDir,
      onChange: (id) => this.#onImportChanged(id),
      log: (level, message, fields) => this.#log.log(level, message, fields),
    })
    this.#moduleWatch = new ModuleWatch({
      cacheDir: options.cacheDir,
      offline: options.offline ?? false,
      onBlocked: (module, reason) => void this.#changes.run(() => this.#block(module, reason)),
      log: (level, message, fields) => this.#log.log(level, message, fields),
    })
    this.#view = new RunningView({
      table: this.#table,
      lanes: this.#lanes,
      configuration: () => this.#graph.configuration,
      ready: () => this.#ready && !this.#stopping,
      load: () => this.#lastLoad.record,
      orphans: () => this.#orphans.all,
      ownLog: () => this.#shipper.counts,
      imports: () => this.#remotes.health(),
      moduleWatch: this.#moduleWatch,
      functions: this.#functions,
      reload: () => this.reload(),
      runners: () => this.#runnerHistory,
      usage: async (id) => (await this.#supervisor)?.usage(id),
      resume: (id) => this.#resume(id),
      restart: (id, recording) => this.#changes.run(() => this.#table.restart(id, recording)),
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
    await this.#changes.run(async () => {
      const loaded = await this.#load({ inPart: false })
      const { configuration, printed, lockDisagrees } = loaded
      if (!configuration) throw new ConfigurationError(printed, lockDisagrees)
      await this.#serve(configuration)
      const answer = await this.#settle(await this.#adopt(loaded, configuration, { inPart: false }))
      if (!answer.ok && answer.because !== 'items') throw new ConfigurationError(answer.text, false)
      this.#started = true
    })
    void this.#table.untilSettled().then(() => (this.#ready = true))
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

  async stop(): Promise<void> {
    this.#stopping = true
    this.#importWatch.close()
    this.#moduleWatch.close()
    await this.#remotes.close()
    await this.#changes.run(async () => {
      await this.#orphans.release()
      await this.#graph.stop()
    })
    await this.#server?.close()
    await this.#lanes.close()
    await this.#functions.close()
    await (await this.#supervisor)?.close()
  }

  /** One after the other; those that are asked for before the next one begins are one. */
  reload(): Promise<ReloadAnswer> {
    this.#reloadToCome ??= this.#changes.run(() => {
      this.#reloadToCome = undefined
      return this.#reload()
    })
    return this.#reloadToCome
  }

  #onImportChanged(id: string): void {
    this.#log.log('info', 'import has changed', { import: id })
    this.#loadAgain('imports')
  }

  /** Loads what runs again, with what it imports and the items that it has by now: a reload that is to come does so too. */
  #loadAgain(because: LoadAgain): void {
    if (this.#reloadToCome) return
    const isToCome = this.#loadToCome !== undefined
    this.#loadToCome = stronger(this.#loadToCome, because)
    if (isToCome) return
    void this.#changes.run(async () => {
      const reason = this.#loadToCome!
      this.#loadToCome = undefined
      await this.#reload({ sources: this.#sources, because: reason })
    })
  }

  async #reload(load: Reload = {}): Promise<ReloadAnswer> {
    if (this.#stopping) return { ok: false, text: 'Cannot reload: the collector is stopping\n' }
    try {
      return await this.#settle(await this.#loadAndAdopt(load))
    } catch (error) {
      // A disk or a defect of our own: what runs goes on, whoever asked for the reload.
      const text = `Cannot load the configuration: ${(error as Error).message}`
      this.#log.log('error', text, { stack: (error as Error).stack })
      return { ok: false, text: `${text}\n` }
    }
  }

  /**
   * What components export may be what is to be imported, or the items of a foreach, and bring components that export such
   * things themselves.
   */
  async #settle(answer: Adopted): Promise<Adopted> {
    let last = answer
    for (let round = 0; last.again && round < roundsMax; round++)
      last = await this.#loadAndAdopt({ sources: this.#sources, because: last.again })
    return last
  }

  async #loadAndAdopt({ sources, because }: Reload): Promise<Adopted> {
    // An item that makes no sense, as any value that is exported, is the problem of what is made of it alone.
    const inPart = because === 'items' || this.#inPart
    const loaded = await this.#load({ sources, inPart })
    const adopted: Adopted = loaded.configuration
      ? await this.#adopt(loaded, loaded.configuration, { inPart })
      : { ok: false, text: loaded.printed, again: undefined }
    if (because !== 'items') return adopted
    const error = loaded.found.find(({ severity }) => severity === 'error')
    if (!adopted.ok) this.#graph.configuration?.failItems(error?.message ?? 'its items cannot be run: the log says why')
    return { ...adopted, because }
  }

  /** Reads and checks the configuration beside what runs. */
  async #load({ sources, inPart }: Pick<Reload, 'sources'> & InPart): Promise<LoadResult> {
    const { configPath, distribution, cacheDir, storageDir, sandboxAll, stabilityLevel } = this.#options
    const { communityComponents, frozen = false, offline = false, modules } = this.#options
    this.#functions.begin({ again: true })
    const loaded = await loadConfiguration({
      configPath,
      distribution,
      cacheDir,
      storageDir,
      lanes: this.#lanes.count,
      lanesStarted: this.#lanes.started,
      sandboxAll,
      inspected: this.#options.inspect !== undefined,
      stabilityLevel,
      ...(communityComponents !== undefined && { communityComponents }),
      ...(modules && { modules }),
      ...this.#print,
      partial: inPart,
      liveExports: (id) => this.#table.get(id)?.exportsValue,
      remotes: this.#remotes,
      functions: this.#functions,
      frozen,
      offline,
      ...(this.#graph.configuration && { items: this.#graph.configuration.items }),
      ...(sources && { sources }),
    })
    this.#lastLoad.checked(loaded)
    if (!loaded.configuration) this.#remotes.use(this.#graph.configuration?.remoteImports ?? [])
    return loaded
  }

  get #print(): RenderOptions {
    return !this.#started && this.#options.color ? { color: true } : forOthers
  }

  /** The first configuration holds as a whole or not at all. */
  get #inPart(): boolean {
    return this.#started && this.#options.reloadPartial === true
  }

  /** Makes a configuration that holds the running one. */
  async #adopt(loaded: LoadResult, configuration: Configuration, { inPart }: InPart): Promise<Adopted> {
    let settings: HttpSettings
    try {
      settings = await readHttpSettings(configuration.http)
    } catch (error) {
      return { ...this.#lastLoad.refused((error as Error).message), again: undefined }
    }
    const refusals = await this.#graph.check(configuration)
    const { printed, found } = refusedArguments(loaded, refusals, this.#print)
    this.#lastLoad.found(found)
    if (refusals.length > 0 && !inPart) return { ...this.#lastLoad.refused(printed, found), again: undefined }
    for (const { id, message } of refusals) configuration.refuse(id, message)
    if (!this.#started) this.#log.configure(configuration.logging)
    await this.#orphans.release()
    const switched = await this.#graph.switchTo(configuration, inPart)
    await this.#orphans.find(this.#graph.configuration!)
    if (this.#started && !inPart && switched.failures.length > 0)
      return { ...this.#lastLoad.refused(failuresText(switched.failures)), again: switched.again }
    const notes = this.#takeSettings(configuration, settings)
    this.#sources = loaded.sources
    await this.#importWatch.set(configuration.watchedImports)
    this.#remotes.use(configuration.remoteImports)
    this.#moduleWatch.use(configuration.pinned)
    this.#functions.keep(configuration.functions)
    const told = { printed: `${notes}${loaded.printed}${printed}`, found: [...loaded.found, ...found] }
    // What could not be started at the first start is shown as unhealthy, and no reason to end.
    const failures = this.#started ? switched.failures : []
    return { ...this.#lastLoad.adopted(switched, failures, told), again: switched.again }
  }

  /** The blocks of the collector itself; one that cannot be evaluated keeps its former values. @returns what has no effect, or none before the next start */
  #takeSettings(configuration: Configuration, settings: HttpSettings): string {
    const notes: string[] = []
    if (configuration.failureOf('logging') === undefined) {
      this.#log.configure(configuration.logging)
      this.#shipper.configure(configuration.logOutput)
    }
    if (configuration.failureOf('http') === undefined && !this.#server!.reconfigure(settings))
      notes.push('HTTPS is switched on or off at the next start')
    const { lanes, lanesWanted } = configuration
    if (lanesWanted !== undefined && lanesWanted !== lanes)
      notes.push(`the number of lanes stays ${lanes} until the next start, which makes it ${lanesWanted}`)
    if (configuration.liveDebugging)
      notes.push('livedebugging has no effect: the pages show rates and outcomes of every edge, and no records')
    for (const note of notes) this.#log.log('warn', note)
    return notes.map((note) => `${note}\n`).join('')
  }

  /** The key that vouched for a module was revoked, and the configuration wants it ended then. */
  async #block(module: string, reason: string): Promise<void> {
    const blocked = this.#stopping ? [] : await this.#graph.block(module, reason)
    for (const id of blocked)
      this.#log.log('error', 'component ended: its module is blocked', { component_id: id, module, reason })
  }

  #onExports(id: string): void {
    // Changes that come while others are being applied are taken together.
    if (this.#graph.exportsChanged(id)) void this.#changes.run(() => this.#propagateExports())
  }

  async #propagateExports(): Promise<void> {
    const again = this.#stopping ? undefined : await this.#graph.propagateExports()
    if (again) this.#loadAgain(again)
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
      case 'queue-sent':
        return this.#orphans.onDone(message.directory)
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
    const { cacheDir, inspect } = this.#options
    return (this.#supervisor ??= openSupervisor({ cacheDir, history: this.#runnerHistory, log: this.#log, inspect }))
  }

  async #resume(id: string): Promise<boolean> {
    if (!(await this.#supervisor)?.resume(id)) return false
    this.#runnerHistory.resumed(id)
    // What had no answer is asked again.
    if (this.#graph.configuration?.functions.has(id)) this.#loadAgain('imports')
    this.#log.log('info', 'module resumed by the operator', { component_id: id })
    return true
  }

  /** Ends a lane as a crash would. For operators and tests of recovery. */
  terminateLane(lane: number): void {
    this.#lanes.terminate(lane, 'terminated')
  }
}
