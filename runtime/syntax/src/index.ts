/** The configuration language: scan, parse, print, evaluate, diagnose. No I/O; imports nothing of ours. */
export type * from './ast.ts'
export type * from './diagnostic.ts'
export * from './value.ts'
