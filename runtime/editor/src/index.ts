/**
 * What an editor needs of the language: the Language Server Protocol over a connection. It is given its components and
 * its files, and does no I/O of its own.
 */
export { type ConfigurationCheck, LocalChecker } from './check/check-project.ts'
export { answerChecks, WorkerChecker } from './check/worker-checker.ts'
export { complete, type CompleteOptions } from './complete/complete.ts'
export type * from './host.ts'
export { FileSet } from './names/file-set.ts'
export { Names } from './names/resolve.ts'
export { serveEditor } from './serve/server.ts'
export { Source } from './source/source.ts'
