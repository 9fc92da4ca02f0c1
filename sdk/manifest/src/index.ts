/** Schemas of what is written down: the module manifest, the lockfile, the registry's API. No I/O. */
export * from './lockfile.ts'
export * from './module-manifest.ts'
