/** Schemas of what is written down: the module manifest, the lockfile, the registry's API. No I/O. */
export * from './capability-summary.ts'
export * from './describe/capability-sentence.ts'
export * from './describe/describe-schema.ts'
export * from './lockfile.ts'
export * from './module-manifest.ts'
export * from './module-source.ts'
export * from './names.ts'
export * from './registry-api.ts'
