import type { FamilySnapshot, MetricsSnapshot, SeriesSnapshot } from '@ingot/capabilities'
import { basename } from 'node:path'
import type { LiveSnapshot } from '../http/view.ts'

export interface LoadRecord {
  readonly successful: boolean
  /** Of the last load that held; milliseconds since the epoch. */
  readonly succeededAt: number
}

/** Lines of the collector's own log that go to receivers. */
export interface LogRecord {
  readonly delivered: number
  readonly dropped: number
  readonly queued: number
}

const processStartedAt = Date.now() - process.uptime() * 1000

/** The collector's own metrics: conservation per component and per edge, health, lanes, loads, the process. */
export function collectorMetrics(live: LiveSnapshot, load: LoadRecord, log: LogRecord): MetricsSnapshot {
  return [
    ...ledgerFamilies(live),
    ...edgeFamilies(live),
    orphanFamily(live),
    ...stateFamilies(live, load),
    ...logFamilies(log),
    gauge(
      'ingot_import_healthy',
      'Whether an import.git or import.http was fetched the last time; 0: it goes on with what it had.',
      live.imports.map(({ id, health }) => series({ import_id: id }, health === 'healthy' ? 1 : 0)),
    ),
    functionFamily(live),
    ...moduleFamilies(live),
    ...processFamilies(),
  ]
}

function functionFamily({ functions }: LiveSnapshot): FamilySnapshot {
  const calls = functions.flatMap(({ id, calls: all, failed }) => [
    series({ import_id: id, outcome: 'answered' }, all - failed),
    series({ import_id: id, outcome: 'failed' }, failed),
  ])
  const help = 'Calls of functions of imported modules; an answer that is remembered is no call.'
  return counter('ingot_function_calls_total', help, calls)
}

function moduleFamilies({ modules, registries }: LiveSnapshot): FamilySnapshot[] {
  const asked = registries.filter(({ answered }) => answered !== undefined)
  return [
    gauge(
      'ingot_module_warning',
      'What registries say against modules that run: advisory, yanked, quarantined, tombstoned, revoked, …',
      // A module may have several advisories: a metric has one series for each kind.
      [...new Map(modules.map(({ module, kind }) => [`${module} ${kind}`, { module, kind }])).values()].map((labels) =>
        series(labels, 1),
      ),
    ),
    gauge(
      'ingot_registry_answered',
      'Whether the registry answered when it was last asked about modules that run.',
      asked.map(({ registry, answered }) => series({ registry }, answered ? 1 : 0)),
    ),
  ]
}

function logFamilies({ delivered, dropped, queued }: LogRecord): FamilySnapshot[] {
  return [
    counter('ingot_own_log_lines_total', 'Lines of the own log that logging.write_to sends, by fate.', [
      series({ fate: 'delivered' }, delivered),
      series({ fate: 'dropped' }, dropped),
    ]),
    gauge('ingot_own_log_queued_lines', 'Lines of the own log that wait to be sent.', [series({}, queued)]),
  ]
}

function ledgerFamilies({ components }: LiveSnapshot): FamilySnapshot[] {
  const fates = ['in', 'created', 'out', 'merged', 'refused', 'quarantined'] as const
  const records = components.flatMap(({ id, ledger }) =>
    fates.map((fate) => series({ component_id: id, fate }, ledger[fate])),
  )
  const droppedFor = components.flatMap(({ id, ledger }) =>
    Object.entries(ledger.reasons).map(([reason, count]) => series({ component_id: id, reason }, count)),
  )
  const queued = components.map(({ id, ledger }) => series({ component_id: id }, ledger.queued))
  return [
    counter(
      'ingot_component_records_total',
      'Records by fate: in + created = out + merged + dropped + refused + quarantined + queued.',
      records,
    ),
    counter('ingot_component_dropped_records_total', 'Records dropped, by reason.', droppedFor),
    gauge('ingot_component_queued_records', 'Records that the component holds.', queued),
  ]
}

function orphanFamily({ orphans }: LiveSnapshot): FamilySnapshot {
  return gauge(
    'ingot_orphaned_edge_records',
    'Records in queues of senders that are no longer configured, when they were found: adopted ones are being sent on.',
    orphans.map(({ directory, from = '', to = '', adopted, records }) =>
      series({ from, to, queue: basename(directory), adopted: String(adopted) }, records),
    ),
  )
}

function edgeFamilies({ edges }: LiveSnapshot): FamilySnapshot[] {
  const fates = ['in', 'delivered', 'dropped', 'refused'] as const
  const labels = ({ from, to, output, port }: LiveSnapshot['edges'][number]) => ({ from, to, output, port })
  return [
    counter(
      'ingot_edge_records_total',
      'Records by fate: in = delivered + dropped + refused + queued.',
      edges.flatMap((edge) => fates.map((fate) => series({ ...labels(edge), fate }, edge[fate]))),
    ),
    counter(
      'ingot_edge_bytes_total',
      'Bytes handed to the edge.',
      edges.map((edge) => series(labels(edge), edge.bytes)),
    ),
    gauge(
      'ingot_edge_queued_records',
      'Records under way on the edge.',
      edges.map((edge) => series(labels(edge), edge.queued)),
    ),
  ]
}

function stateFamilies({ components, lanes }: LiveSnapshot, load: LoadRecord): FamilySnapshot[] {
  const states = ['unknown', 'healthy', 'unhealthy', 'exited']
  const running = states.map((state) =>
    series({ health_type: state }, components.filter(({ health }) => health === state).length),
  )
  return [
    gauge('alloy_component_controller_running_components', 'Components by health.', running),
    gauge(
      'ingot_module_degraded',
      'Whether a component in a runner failed with more than a fifth of its batches within a minute.',
      components.flatMap(({ id, degraded }) =>
        degraded === undefined ? [] : [series({ component_id: id }, degraded ? 1 : 0)],
      ),
    ),
    gauge('alloy_config_last_load_successful', 'Whether the last load of the configuration held.', [
      series({}, load.successful ? 1 : 0),
    ]),
    gauge('alloy_config_last_load_success_timestamp_seconds', 'When a load of the configuration last held.', [
      series({}, load.succeededAt / 1000),
    ]),
    gauge(
      'ingot_lane_up',
      'Whether the lane runs.',
      lanes.map(({ index, running: up }) => series({ lane: String(index) }, up ? 1 : 0)),
    ),
    counter(
      'ingot_lane_restarts_total',
      'Times that the lane was started again.',
      lanes.map(({ index, restarts }) => series({ lane: String(index) }, restarts)),
    ),
  ]
}

function processFamilies(): FamilySnapshot[] {
  const { user, system } = process.cpuUsage()
  return [
    counter('process_cpu_seconds_total', 'User and system time of all threads.', [series({}, (user + system) / 1e6)]),
    gauge('process_resident_memory_bytes', 'Resident memory.', [series({}, process.memoryUsage.rss())]),
    gauge('process_start_time_seconds', 'Start time since the epoch.', [series({}, processStartedAt / 1000)]),
  ]
}

function series(labels: Readonly<Record<string, string>>, value: number): SeriesSnapshot {
  return { labels, value }
}
function counter(name: string, help: string, all: readonly SeriesSnapshot[]): FamilySnapshot {
  return { name, type: 'counter', help, series: all }
}
function gauge(name: string, help: string, all: readonly SeriesSnapshot[]): FamilySnapshot {
  return { name, type: 'gauge', help, series: all }
}
