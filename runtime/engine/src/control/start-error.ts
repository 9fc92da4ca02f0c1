/** The collector cannot come up for a reason outside of its configuration's text: `message` is for the user, one line. */
export class StartError extends Error {
  override readonly name = 'StartError'

  /** @param address what the HTTP server was to listen on */
  static from(error: unknown, address: string): StartError {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === undefined ? undefined : reasons[code]
    return new StartError(reason ? `Cannot listen on ${address}: ${reason}` : message)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use by another program; --server.http.listen-addr chooses another one',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name of the host cannot be resolved',
}
