import type { Server } from 'node:net'
import type { Access } from '../access/access.ts'

/** Connections that the operating system keeps waiting for `accept`. */
const backlog = 1024

/** Listens on `host:port` (`:4318` and `[::]:4318` included). Resolves to the address really bound. */
export async function bind(access: Access, server: Server, address: string): Promise<string> {
  const parsed = parseAddress(address)
  if (!parsed) throw access.error('invalid', `Cannot listen on "${address}": want host:port`)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ ...(parsed.host === '' ? {} : { host: parsed.host }), port: parsed.port, backlog }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const coded = code === 'EADDRINUSE' ? 'exists' : code === 'EACCES' ? 'denied' : 'io'
    throw access.error(coded, `Cannot listen on "${address}": ${message}`, error)
  }
  // Errors of accept(2), such as too many open files, pass: the next connection may succeed.
  server.on('error', () => {})
  const bound = server.address()
  if (bound === null || typeof bound === 'string')
    throw access.error('io', `Cannot listen on "${address}": no address is bound`)
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
}

export function parseAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  const [, six, four, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(address) ?? []
  if (port === undefined || Number(port) > 65_535) return undefined
  return { host: six ?? four ?? '', port: Number(port) }
}
