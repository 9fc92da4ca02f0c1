/** The registry's stable codes for an archive that is refused (registry.md §2.5). */
export type ArchiveErrorCode =
  | 'archive_invalid'
  | 'too_large'
  | 'too_many_entries'
  | 'entry_type'
  | 'path_invalid'
  | 'path_collision'

/** Why an archive is refused. The message may quote the archive's own names, escaped. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
  readonly code: ArchiveErrorCode

  constructor(code: ArchiveErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
