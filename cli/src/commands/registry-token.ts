import { newTokenAnswer, tokenDescription, tokenPermission, type TokenDescription } from '@ingot/manifest'
import { createToken, openStorage, type TokenPermission } from '@ingot/registry-server'
import type { Command } from 'commander'
import { z } from 'zod'
import { RegistryApi } from '../account/registry-api.ts'
import { CommandError } from '../command-error.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface Flags extends StorageFlags {
  readonly registry?: string
  readonly json?: true
}

interface CreateFlags extends Flags {
  readonly modules: string
  readonly description: string
  readonly permissions: string
  readonly days: string
  readonly network: readonly string[]
}

/**
 * `ingot registry token create|list|revoke`: the operator's own tokens, on the registry's folder, whether a server runs
 * on it or not; with `--registry` those of whoever has signed in there.
 */
export function registerToken(registry: Command): void {
  const token = registry.command('token').description('tokens for programs')
  const add = (name: string): Command =>
    addStorageFlags(token.command(name))
      .option('--registry <url>', 'works as whoever has signed in there, not on a folder')
      .option('--json', 'prints the answer as JSON')
  add('create')
    .description('makes a token and prints it once')
    .requiredOption('--modules <pattern>', 'what it is for: "@scope/name", "@scope/*" or "*"')
    .option('--permissions <list>', `of ${tokenPermission.options.join(', ')}`, 'publish')
    .option('--description <text>', 'who it is for: stands in the statements about what it publishes', 'command line')
    .option('--days <n>', 'how long it is valid: at most 90, or 366 where it may only read', '30')
    .option('--network <cidr...>', 'networks that it may be used from', [])
    .action(create)
  add('list').description('lists tokens, but for their secrets').action(list)
  add('revoke <id>').description('ends a token').action(revoke)
}

async function create(flags: CreateFlags): Promise<void> {
  const { modules, description, network: networks } = flags
  const permissions = permissionsOf(flags.permissions)
  const days = Number(flags.days)
  const made = flags.registry
    ? await new RegistryApi(flags.registry).json(newTokenAnswer, 'POST', '/tokens', {
        body: { modules, description, permissions, networks, days },
      })
    : await withTokens(flags, async (tokens) => {
        const options = { modules, description, permissions, networks, lifetimeDays: days }
        const { token, record } = await createToken(tokens, options).catch(asCommandError)
        return { ...describe(record), token }
      })
  if (flags.json) return void process.stdout.write(`${JSON.stringify(made, null, 2)}\n`)
  process.stderr.write(`valid until ${made.expiresAt} for ${modules}: ${made.permissions.join(', ')}\n`)
  process.stdout.write(`${made.token}\n`)
}

async function list(flags: Flags): Promise<void> {
  const tokens = flags.registry
    ? (await new RegistryApi(flags.registry).json(z.object({ tokens: z.array(tokenDescription) }), 'GET', '/tokens'))
        .tokens
    : await withTokens(flags, async (store) => (await store.list(undefined)).map(describe))
  if (flags.json) return void process.stdout.write(`${JSON.stringify({ tokens }, null, 2)}\n`)
  for (const { id, description, modules, permissions, expiresAt, revokedAt, lastUsedAt } of tokens) {
    const state = revokedAt === null ? `until ${expiresAt}` : `revoked ${revokedAt}`
    process.stdout.write(
      `${id}  ${state}  ${permissions.join(',')} ${modules}  used ${lastUsedAt ?? 'never'}  ${description}\n`,
    )
  }
}

async function revoke(id: string, flags: Flags): Promise<void> {
  if (flags.registry) await new RegistryApi(flags.registry).send('DELETE', `/tokens/${encodeURIComponent(id)}`)
  else {
    const revoked = await withTokens(flags, (store) => store.revoke(id, undefined, new Date().toISOString()))
    if (!revoked) throw new CommandError(`Cannot revoke the token "${id}": there is none that is valid`)
  }
  process.stdout.write(flags.json ? `${JSON.stringify({ id, revoked: true })}\n` : `revoked ${id}\n`)
}

async function withTokens<T>(flags: Flags, work: (tokens: TokenStore) => Promise<T>): Promise<T> {
  const storage = await openStorage(storageOf(flags))
  try {
    return await work(storage.meta.tokens)
  } finally {
    await storage.close()
  }
}

type TokenStore = Awaited<ReturnType<typeof openStorage>>['meta']['tokens']
type TokenRecord = Awaited<ReturnType<TokenStore['list']>>[number]

function describe({ userId: _, lastUsedAt, revokedAt, ...token }: TokenRecord): TokenDescription {
  return {
    ...token,
    permissions: [...token.permissions],
    networks: [...token.networks],
    lastUsedAt: lastUsedAt ?? null,
    revokedAt: revokedAt ?? null,
  }
}

function permissionsOf(text: string): TokenPermission[] {
  return text.split(',').map((each) => {
    const parsed = tokenPermission.safeParse(each.trim())
    if (parsed.success) return parsed.data
    throw new CommandError(`Cannot create a token that may "${each}": want ${tokenPermission.options.join(', ')}`)
  })
}

function asCommandError(error: unknown): never {
  throw error instanceof RangeError ? new CommandError(error.message) : error
}
