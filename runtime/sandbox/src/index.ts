/**
 * Runs components that nobody vouches for: supervised child processes, one isolate each. Control holds a
 * {@link RunnerSupervisor}; the lane that feeds a runner holds a {@link RunnerInstance}, or the {@link RunnerChannel}
 * under it. No module code ever runs in the collector's own process.
 */
export type { ChannelEvents, ChannelOptions, OnQuarantine } from './channel/channel-options.ts'
export * from './channel/runner-channel.ts'
export { listQuarantine, type KeptBatch } from './channel/quarantine-directory.ts'
export { CallLostError, FunctionChannel } from './channel/function-channel.ts'
export type { Settlement } from './channel/delivery.ts'
export type { Broker } from './channel/broker-calls.ts'
export type { Loss } from './channel/runner-session.ts'
export type { Degraded } from './channel/error-rate.ts'
export { RunnerGroup } from './channel/runner-group.ts'
export * from './control.ts'
export { limitTable, printLimit, type LimitName, type LimitRow } from './limit-table.ts'
export * from './limits.ts'
export * from './recording/entry.ts'
export { Replay, sameFrame, type ReplayedStep } from './recording/replay.ts'
export { stepsOf, type Step } from './recording/steps.ts'
export { RecordingTape, type Tape } from './recording/tape.ts'
export { describeFrame, nameOf, type DescribedFrame } from './recording/describe-frame.ts'
export type { Inspection } from './supervisor/inspection.ts'
export * from './supervisor/runner-supervisor.ts'
export { RunnerInstance, type RunnerInstanceOptions } from './channel/runner-instance.ts'
