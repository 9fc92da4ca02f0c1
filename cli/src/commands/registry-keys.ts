import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  installRoot,
  newestRoot,
  proposeChange,
  signProposal,
  type KeyChange,
  type ProposedRoot,
} from '@ingot/registry-server'
import {
  claimedRoot,
  dsseEnvelope,
  generateSigningKey,
  onlineRoles,
  parseKeyText,
  parseSigningKey,
  rootFingerprint,
  type OnlineRole,
  type RootDocument,
  type SigningKey,
} from '@ingot/trust'
import { Option, type Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { durationFlag } from '../duration-flag.ts'
import { withRefusals } from '../registry-refusals.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface ListFlags extends StorageFlags {
  readonly json?: boolean
}

interface ChangeFlags extends ListFlags {
  readonly rootKey: readonly string[]
  readonly out?: string
}

/** `ingot registry keys`: the keys of a registry, and their changes. Root keys are read where they lie, and kept nowhere. */
export function registerKeys(registry: Command): void {
  const keys = registry
    .command('keys')
    .description('keys that a registry signs with, and the root keys that vouch for them')
  addStorageFlags(keys.command('list'))
    .description('lists keys, what they sign, and until when')
    .option('--json', 'prints the result as JSON')
    .action(list)
  keys
    .command('create <file>')
    .description('makes a root key of its own, in a file that only you read, and prints its public half')
    .action(create)
  changing(keys.command('rotate'))
    .description('has another key sign what one of the roles signs')
    .addOption(new Option('--role <role>', 'which key').choices(onlineRoles).makeOptionMandatory())
    .option('--overlap <duration>', 'how long servers that run may go on with the former key', '24h')
    .action((flags: ChangeFlags & { role: OnlineRole; overlap: string }) =>
      change(flags, { kind: 'rotate', role: flags.role, overlapMs: durationFlag(flags.overlap) }),
    )
  changing(keys.command('revoke <key-id>'))
    .description('takes back a key that others may have: only what stands in the log by now is still vouched for')
    .requiredOption('--reason <text>', 'why: everybody reads it')
    .action((keyId: string, flags: ChangeFlags & { reason: string }) =>
      change(flags, { kind: 'revoke', keyId, reason: flags.reason }),
    )
  changing(keys.command('roots <public-keys...>'))
    .description('names the root keys ("ed25519:…" each) and how many of them have to sign')
    .requiredOption('--threshold <n>', 'how many have to sign')
    .action((texts: string[], flags: ChangeFlags & { threshold: string }) =>
      change(flags, { kind: 'roots', keys: texts.map(parseKeyText), threshold: Number(flags.threshold) }),
    )
  changing(keys.command('expire <date>'))
    .description('sets the day from which on nothing new is chosen by these keys; later days renew them')
    .action((date: string, flags: ChangeFlags) => change(flags, { kind: 'expire', at: day(date) }))
  changing(keys.command('sign <document>'))
    .description('adds signatures to a root document that was written with --out')
    .action(sign)
}

function changing(command: Command): Command {
  return addStorageFlags(command)
    .option(
      '--root-key <file>',
      'private root key, as often as there are some here',
      (file: string, all: string[]) => [...all, file],
      [],
    )
    .option('--out <file>', 'writes the document there, to be signed elsewhere, and installs nothing')
    .option('--json', 'prints the result as JSON')
}

async function create(file: string): Promise<void> {
  const key = generateSigningKey()
  await writeFile(file, key.toPem(), { flag: 'wx', mode: 0o600 })
  process.stdout.write(`ed25519:${key.publicKey.spki}\n`)
}

async function list(flags: ListFlags): Promise<void> {
  const document = await withRefusals(() => newestRoot(storageOf(flags).dataDir))
  const found = describe(document)
  if (flags.json === true) return print(found)
  const { keys, ...head } = found
  process.stdout.write(
    `version ${head.version}, root ${head.fingerprint}${head.expires === null ? '' : `, expires ${head.expires}`}\n`,
  )
  for (const { role, keyId, state, threshold } of keys)
    process.stdout.write(
      `  ${role.padEnd(7)} ${keyId}  ${state}${threshold > 1 ? ` (${threshold} have to sign)` : ''}\n`,
    )
}

function describe(document: RootDocument) {
  const roles = Object.entries(document.roles)
  const keys = roles.flatMap(([role, of]) =>
    (of?.keyids ?? []).map((keyId) => ({ role, keyId, threshold: of!.threshold, state: stateOf(document, keyId) })),
  )
  return {
    version: document.version,
    registry: document.registry,
    fingerprint: rootFingerprint(document),
    expires: document.expires ?? null,
    keys,
  }
}

function stateOf({ keys }: RootDocument, keyId: string): string {
  const key = keys[keyId]
  if (!key) return 'not listed'
  if (key.revoked) return `revoked from ${key.revoked.logSize} leaves on: ${key.revoked.reason}`
  return key.validTo === undefined ? `since ${key.validFrom}` : `from ${key.validFrom} to ${key.validTo}`
}

async function change(flags: ChangeFlags, wanted: KeyChange): Promise<void> {
  const keys = await rootKeys(flags)
  await finish(flags, await withRefusals(() => proposeChange(storageOf(flags), wanted, keys, new Date())))
}

async function sign(document: string, flags: ChangeFlags): Promise<void> {
  const envelope = dsseEnvelope.parse(JSON.parse(await readFile(document, 'utf8')))
  const keys = await rootKeys(flags)
  await finish(flags, await withRefusals(() => signProposal(storageOf(flags).dataDir, envelope, keys)))
}

async function finish(flags: ChangeFlags, { envelope, missing }: ProposedRoot): Promise<void> {
  const { version } = claimedRoot(envelope)
  if (flags.out !== undefined) {
    await writeFile(resolve(flags.out), `${JSON.stringify(envelope)}\n`)
    if (flags.json === true) return print({ version, installed: false, missing, document: resolve(flags.out) })
    const left = missing.length === 0 ? 'nothing is missing' : `missing: ${missing.join(', ')}`
    process.stdout.write(`wrote version ${version} to ${flags.out}; ${left}\n`)
    return
  }
  if (missing.length > 0) {
    throw new CommandError(
      `Cannot change the keys: the root document lacks signatures of ${missing.join(' and ')}`,
      'give the root keys with --root-key, or write the document with --out and have it signed: ingot registry keys sign',
    )
  }
  await withRefusals(() => installRoot(storageOf(flags), envelope))
  if (flags.json === true) return print({ version, installed: true, missing: [] })
  process.stdout.write(`installed version ${version}; servers use it from their next start on\n`)
}

async function rootKeys({ rootKey }: ChangeFlags): Promise<SigningKey[]> {
  return Promise.all(rootKey.map(async (file) => parseSigningKey(await readFile(file, 'utf8'))))
}

function day(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new CommandError(`Cannot read "${text}": want a day such as "2027-12-31"`)
  return date
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
}
