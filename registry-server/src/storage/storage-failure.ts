/** Of the file system, sockets and PostgreSQL (classes 08, 53 and 57 of SQLSTATE). */
const codes =
  /^(?:ENOSPC|EDQUOT|EROFS|EIO|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08\w{3}|53\w{3}|57P\d\d)$/

/** Primary result codes of SQLite: busy, read-only, I/O error, full, cannot open. */
const sqliteCodes: ReadonlySet<number> = new Set([5, 8, 10, 13, 14])

/** What the PostgreSQL client says without a code. */
const lostConnection =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error/

/** Whether storage has failed, and neither the request nor the code: it may work in a while. */
export function isStorageFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode, $metadata } = error as Error & {
    readonly code?: string
    readonly errcode?: number
    readonly $metadata?: { readonly httpStatusCode?: number }
  }
  return (
    (code !== undefined && codes.test(code)) ||
    (errcode !== undefined && sqliteCodes.has(errcode % 256)) ||
    ($metadata?.httpStatusCode ?? 0) >= 500 ||
    lostConnection.test(error.message)
  )
}
