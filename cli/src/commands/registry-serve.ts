import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { createServer, openRegistry, readIssuers, type RegistryOptions } from '@ingot/registry-server'
import { rootFingerprint } from '@ingot/trust'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface Flags extends StorageFlags {
  readonly listen: string
  readonly url?: string
  readonly trustProxy?: readonly string[]
  readonly trustedIssuers?: string
  readonly privateProofs?: true
  readonly privateWebhooks?: true
}

/** `ingot registry serve`: one process, one folder. */
export function registerServe(registry: Command): void {
  addStorageFlags(registry.command('serve'))
    .description('serves a registry from a folder, which is made when it is missing')
    .option('--listen <host:port>', 'address to listen on', '127.0.0.1:8900')
    .option('--url <url>', 'address under which clients reach it (default: http://<listen>)')
    .option(
      '--trust-proxy <addresses>',
      'reverse proxies in front of it, such as "127.0.0.1,10.1.0.0/16": they say who the client is (X-Forwarded-For)',
      parseProxies,
    )
    .option(
      '--trusted-issuers <file>',
      'JSON file with the forges, beside GitHub and GitLab, whose workflows may be trusted to publish',
    )
    .option('--private-proofs', 'repositories that prove who stands behind a scope may be in private networks')
    .option(
      '--private-webhooks',
      'lets webhooks lead to addresses of private networks and over plain HTTP: where all who make them are trusted',
    )
    .action(serve)
}

async function serve(flags: Flags): Promise<void> {
  const { host, port } = parseListen(flags.listen)
  const url = flags.url ?? `http://${flags.listen}`
  const issuers = await trustedIssuers(flags.trustedIssuers)
  const registry = await openRegistry({
    ...storageOf(flags),
    url,
    issuers,
    proofs: { allowPrivate: flags.privateProofs === true },
    webhooks: { allowPrivate: flags.privateWebhooks === true },
  })
  const app = createServer(registry, {
    onError: (error) => process.stderr.write(`ingot: ${String(error)}\n`),
    trustedProxies: flags.trustProxy ?? [],
  })
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

async function trustedIssuers(file: string | undefined): Promise<NonNullable<RegistryOptions['issuers']>> {
  if (file === undefined) return []
  try {
    return readIssuers(await readFile(file, 'utf8'))
  } catch (error) {
    throw new CommandError(`Cannot use --trusted-issuers "${file}": ${(error as Error).message}`)
  }
}

function parseListen(text: string): { host: string; port: number } {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) {
    throw new CommandError(`Cannot listen on "${text}": want host:port, such as "127.0.0.1:8900"`)
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function parseProxies(text: string): readonly string[] {
  const proxies = text.split(',').map((part) => part.trim())
  const wrong = proxies.find((proxy) => !isNetwork(proxy))
  if (wrong === undefined) return proxies
  throw new CommandError(`Cannot trust the proxy "${wrong}": want an address or a network, such as "10.1.0.0/16"`)
}

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits ?? 0) <= (family === 6 ? 128 : 32)
}
