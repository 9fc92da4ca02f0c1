/** What tests of others need of trust: archives that lie, and logs in memory. */
export { hostileArchives, rawArchive, rawEntry, rawGzip, type RawEntry } from './hostile-archives.ts'
export * from './memory-log.ts'
