/**
 * The collector: lanes, links, delivery, reload, health, the HTTP server and its pages. It knows no component by name
 * and runs no module code in control.
 */
export type { InstanceJson } from './http/instance-json.ts'
export { Collector } from './control/collector.ts'
export type { CollectorOptions } from './control/collector-options.ts'
export { ConfigurationError } from './control/configuration-error.ts'
export { validateConfiguration, type ValidationResult } from './control/load-configuration.ts'
export { LanguageChecks, type LanguageChecksOptions } from './control/language-checks.ts'
export { describePin, lockConfiguration, type LockResult } from './control/lock-configuration.ts'
export type { Inspection } from '@ingot/sandbox'
export { StartError } from './control/start-error.ts'
export { drawConfiguration, type DrawingFormat } from './control/draw-configuration.ts'
export { readRecording, RecordingFileError, type ReadRecording } from './recording/read-recording.ts'
export { replayRecording } from './recording/replay-recording.ts'
export {
  describeFrame,
  engines,
  nameOf,
  sameFrame,
  type DescribedFrame,
  type ReplayedStep,
  type Step,
} from '@ingot/sandbox'
