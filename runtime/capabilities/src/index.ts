/**
 * What components can do with the world, for real: each capability on Node.js's own modules, and what grants and
 * arguments allow of it. Knows no component, and reads no configuration.
 */
export type { CapabilityCount, Denial } from './access/access.ts'
export { designatedCount, type Grant } from './access/designation.ts'
export { componentDirectory, createEnv, type CreatedEnv, type EnvOptions, type EnvServices } from './create-env.ts'
export type { LogLevel, LogSink } from './log/broker.ts'
export {
  MetricsRegistry,
  renderMetrics,
  type FamilySnapshot,
  type MetricsSnapshot,
  type SeriesSnapshot,
} from './metrics/registry.ts'
export { HashRing } from './peers/hash-ring.ts'
export { recordHeader, scanRecords } from './segments/record.ts'
export { FileQueue } from './state/file-queue.ts'
export type { Lane } from './state/store.ts'
