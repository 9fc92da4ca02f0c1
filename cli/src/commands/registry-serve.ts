import { createServer, openRegistry } from '@ingot/registry-server'
import { rootFingerprint } from '@ingot/trust'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface Flags extends StorageFlags {
  readonly listen: string
  readonly url?: string
}

/** `ingot registry serve`: one process, one folder. */
export function registerServe(registry: Command): void {
  addStorageFlags(registry.command('serve'))
    .description('serves a registry from a folder, which is made when it is missing')
    .option('--listen <host:port>', 'address to listen on', '127.0.0.1:8900')
    .option('--url <url>', 'address under which clients reach it (default: http://<listen>)')
    .action(serve)
}

async function serve(flags: Flags): Promise<void> {
  const { host, port } = parseListen(flags.listen)
  const url = flags.url ?? `http://${flags.listen}`
  const registry = await openRegistry({ ...storageOf(flags), url })
  const app = createServer(registry, { onError: (error) => process.stderr.write(`ingot: ${String(error)}\n`) })
  await app.listen({ host, port })
  const address = app.server.address()
  const bound = typeof address === 'object' && address ? `${host}:${address.port}` : flags.listen
  process.stdout.write(`registry at http://${bound}/\nroot ${rootFingerprint(registry.keys.root)}\n`)
  await new Promise<void>((stopped) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped())
  })
  await app.close()
  await registry.close()
}

function parseListen(text: string): { host: string; port: number } {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) {
    throw new CommandError(`Cannot listen on "${text}": want host:port, such as "127.0.0.1:8900"`)
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}
