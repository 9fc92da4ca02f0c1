/**
 * What module authors import: the declarations of components and functions, their value kinds, and the shape of the world that a
 * component is handed. It knows nothing of the runtime or the registry.
 */
export * from './context.ts'
export * from './define.ts'
export * from './define-function.ts'
export * from './duration.ts'
export * from './env.ts'
export * from './kinds.ts'
export * from './outcome.ts'
export * from './records.ts'
export * from './secret.ts'
export * from './size.ts'
