import { createSetupLink, createUser, openStorage } from '@ingot/registry-server'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface Flags extends StorageFlags {
  readonly json?: true
  readonly url: string
  readonly email?: string
  readonly staff?: true
}

type Meta = Awaited<ReturnType<typeof openStorage>>['meta']
type User = Awaited<ReturnType<Meta['users']['list']>>[number]

/** `ingot registry user create|list|link|disable|enable`: on the registry's folder, whether a server runs on it or not. */
export function registerUser(registry: Command): void {
  const user = registry.command('user').description('people who sign in')
  const add = (name: string): Command =>
    addStorageFlags(user.command(name)).option('--json', 'prints the answer as JSON')
  const linked = (name: string): Command =>
    add(name).option('--url <url>', 'address under which people reach the registry', 'http://127.0.0.1:8900')
  linked('create <name>')
    .description('makes an account and prints a link, good once and for three days, by which its password is set')
    .option('--email <address>', 'where they are written to')
    .option('--staff', 'they run the registry: quarantine, audit, keys')
    .action(create)
  linked('link <name>').description('prints another link, for who has lost the first or the password').action(link)
  add('list').description('lists people').action(list)
  add('disable <name>').description('ends what somebody has signed in, and their tokens').action(setDisabled(true))
  add('enable <name>').description('lets somebody in again').action(setDisabled(false))
}

async function create(name: string, flags: Flags): Promise<void> {
  const { email, staff } = flags
  await withMeta(flags, async (meta) => {
    const user = await createUser(meta, { name, email, staff: staff === true }).catch((error: unknown) => {
      throw error instanceof RangeError ? new CommandError(error.message) : error
    })
    await printLink(meta, user, flags)
  })
}

async function link(name: string, flags: Flags): Promise<void> {
  await withMeta(flags, async (meta) => printLink(meta, await wantUser(meta, name), flags))
}

async function printLink(meta: Meta, user: User, flags: Flags): Promise<void> {
  const { link, expiresAt } = await createSetupLink(meta, user)
  const address = `${flags.url.replace(/\/+$/, '')}/set-up?link=${link}`
  if (flags.json) print({ user: user.name, link: address, expiresAt })
  else {
    process.stderr.write(`${user.name} sets a password there once, until ${expiresAt}:\n`)
    process.stdout.write(`${address}\n`)
  }
}

async function list(flags: Flags): Promise<void> {
  const users = await withMeta(flags, (meta) => meta.users.list())
  if (flags.json) return print({ users })
  for (const { name, email, staff, hasSecondFactor, disabledAt } of users) {
    const facts = [email, staff && 'staff', hasSecondFactor && 'second factor', disabledAt && `disabled ${disabledAt}`]
    process.stdout.write(`${name}  ${facts.filter(Boolean).join(', ')}\n`)
  }
}

function setDisabled(disabled: boolean) {
  return async (name: string, flags: Flags): Promise<void> => {
    await withMeta(flags, async (meta) => {
      await meta.users.setDisabled(await wantUser(meta, name), disabled, new Date().toISOString())
    })
    if (flags.json) print({ user: name, disabled })
    else process.stdout.write(`${name} is ${disabled ? 'disabled' : 'enabled'}\n`)
  }
}

async function withMeta<T>(flags: StorageFlags, work: (meta: Meta) => Promise<T>): Promise<T> {
  const storage = await openStorage(storageOf(flags))
  try {
    return await work(storage.meta)
  } finally {
    await storage.close()
  }
}

async function wantUser(meta: Meta, name: string): Promise<User> {
  const user = await meta.users.byName(name)
  if (user) return user
  throw new CommandError(`Cannot find the user "${name}"`, 'ingot registry user list')
}

function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
}
