import type { BackupRow, BackupTable } from './backup-tables.ts'

/** The blobs that facts name, found while these are read. */
export class NamedBlobs {
  readonly #needed = new Set<string>()
  readonly #gone = new Set<string>()

  note(table: BackupTable, { sha512, status, state }: BackupRow): void {
    if (table === 'versions') (status === 'tombstoned' ? this.#gone : this.#needed).add(String(sha512))
    // A stage that was decided about has no bytes of its own any more.
    if (table === 'stages' && state === 'open') this.#needed.add(String(sha512))
  }

  /** Those that storage must have: of versions, and of stages that wait. */
  get needed(): ReadonlySet<string> {
    return this.#needed
  }

  /** Those of tombstoned versions, which nothing may have. */
  get gone(): readonly string[] {
    return [...this.#gone].filter((sha512) => !this.#needed.has(sha512))
  }
}
