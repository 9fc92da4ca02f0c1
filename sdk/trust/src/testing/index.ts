/** What tests of others need of trust: archives that lie, and logs in memory. */
export { hostileArchives, rawArchive } from './hostile-archives.ts'
export * from './memory-log.ts'
