import { openStorage } from '@ingot/registry-server'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { durationFlag } from '../duration-flag.ts'
import { withRefusals } from '../registry-refusals.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface Flags extends StorageFlags {
  readonly json?: boolean
}

interface AddFlags extends Flags {
  readonly root: string
  readonly scope: readonly string[]
  readonly minAge: string
}

/** `ingot registry mirror`: registries that others reach through this one. A server that runs follows within seconds. */
export function registerMirror(registry: Command): void {
  const mirror = registry.command('mirror').description('other registries, read through this one below /mirror/<name>/')
  addStorageFlags(mirror.command('add <name> <url>'))
    .description('mirrors a registry, or changes how one is mirrored')
    .requiredOption('--root <fingerprint>', 'its root keys: "sha256:…"')
    .requiredOption(
      '--scope <pattern>',
      'scopes that come from there, as "@acme" or "@acme-*"; may be repeated',
      (scope: string, all: string[] | undefined) => [...(all ?? []), scope],
    )
    .option('--min-age <duration>', 'how long a version has to have been public before it is passed on', '0s')
    .option('--json', 'prints the result as JSON')
    .action(add)
  addStorageFlags(mirror.command('list'))
    .description('lists what is mirrored')
    .option('--json', 'prints the result as JSON')
    .action(list)
  addStorageFlags(mirror.command('remove <name>'))
    .description('mirrors a registry no more; what was kept of it stays in the folder')
    .option('--json', 'prints the result as JSON')
    .action(remove)
}

async function add(name: string, url: string, flags: AddFlags): Promise<void> {
  const upstream = { name, url, root: flags.root, scopes: flags.scope, minAgeMs: durationFlag(flags.minAge) }
  await withRefusals(() => within(flags, ({ upstreams }) => upstreams.put(upstream)))
  print(flags, upstream, `mirrored below /mirror/${name}/`)
}

async function list(flags: Flags): Promise<void> {
  const upstreams = await within(flags, (meta) => meta.upstreams.list())
  const lines = upstreams.map(({ name, url, scopes, minAgeMs }) => {
    const age = minAgeMs === 0 ? '' : `, at least ${minAgeMs / 3_600_000} h old`
    return `${name}  ${url ?? 'imported'}  ${scopes.join(' ')}${age}`
  })
  print(flags, { mirrors: upstreams }, lines.length === 0 ? 'nothing is mirrored' : lines.join('\n'))
}

async function remove(name: string, flags: Flags): Promise<void> {
  const removed = await within(flags, (meta) => meta.upstreams.remove(name))
  if (!removed) throw new CommandError(`Cannot remove "${name}": nothing of that name is mirrored`)
  print(flags, { removed: name }, `"${name}" is mirrored no more`)
}

type Meta = Awaited<ReturnType<typeof openStorage>>['meta']

async function within<T>(flags: StorageFlags, work: (meta: Meta) => Promise<T>): Promise<T> {
  const { meta, close } = await openStorage(storageOf(flags))
  try {
    return await work(meta)
  } finally {
    await close()
  }
}

function print({ json }: Flags, result: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(result, null, 2)}\n` : `${text}\n`)
}
