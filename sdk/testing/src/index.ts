/**
 * For tests of components and functions: fakes of every capability, a driver that runs a component as a lane would, and the contract
 * suites that every component and every function passes. Fakes stand at the capability line and nowhere deeper.
 */
export { argumentsFrame, output, type OutputMark } from './arguments-frame.ts'
export { FakeClock } from './fake-clock.ts'
export { fakeEnv, FakeEnv, FakePeers, type FakeEnvOptions } from './fake-env.ts'
export { FakeFiles } from './fake-files.ts'
export { FakeHttp, type GrpcScript, type HttpScript, type ReceivedRequest, type ScriptedResponse } from './fake-http.ts'
export { FakeServer } from './fake-server.ts'
export { FakeState } from './fake-state.ts'
export { linesOf, logsBatch } from './log-lines.ts'
export { LogRecorder, MetricsRecorder, type LogLine } from './recorders.ts'
export { RecordingOutput, type OutcomeScript } from './recording-output.ts'
export { runComponent, RunningComponent, type RunOptions } from './run-component.ts'
export { settle, until } from './settle.ts'
export { callFunction, type FunctionAnswer } from '@ingot/sdk/host'
export { testComponent, type ComponentSample, type TestApi } from './test-component.ts'
export { testFunction } from './test-function.ts'
export { TestLedger, type LedgerSnapshot } from './test-ledger.ts'
