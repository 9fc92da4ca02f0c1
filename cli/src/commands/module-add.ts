import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { addModule, defaultCacheDir, ModuleCache, readLock, writeLock, type AddedModule } from '@ingot/loader'
import { moduleName } from '@ingot/manifest'
import { isIdentifier } from '@ingot/syntax'
import type { Command } from 'commander'
import { capabilityLines } from '../capability-lines.ts'
import { checkoutRoot } from '../checkout.ts'
import { CommandError } from '../command-error.ts'
import { grantBlock } from '../config-text/grant-block.ts'
import { putImport } from '../config-text/put-import.ts'
import { readRegistries } from '../config-text/read-registries.ts'
import { namespaceOf } from '../module-template.ts'

interface Flags {
  readonly config: string
  readonly namespace?: string
}

/** `ingot module add`: the one place where a version is chosen. Writes the lock and the import; never a grant. */
export function registerAdd(module: Command): void {
  module
    .command('add')
    .description('resolves a module, pins it in ingot.lock and imports it in a configuration')
    .argument('<module>', '@scope/name, with a range: @scope/name@^1.4.0')
    .requiredOption('--config <file>', 'configuration whose registry blocks say where modules come from')
    .option('--namespace <name>', "namespace of the module's components (default: its name)")
    .action(add)
}

async function add(text: string, flags: Flags): Promise<void> {
  const { module, version } = parseSpec(text)
  const namespace = flags.namespace ?? namespaceOf(module)
  if (!isIdentifier(namespace)) throw new CommandError(`Cannot import as "${namespace}": want an identifier`)
  const source = await readFile(flags.config, 'utf8')
  const lockPath = join(dirname(flags.config), 'ingot.lock')
  const added = await addModule({
    file: basename(flags.config),
    namespace,
    module,
    ...(version === undefined ? {} : { version }),
    registries: readRegistries(flags.config, source),
    lock: await readLock(lockPath),
    cache: new ModuleCache(defaultCacheDir(checkoutRoot())),
  })
  await writeLock(lockPath, added.lock)
  const changed = putImport(flags.config, source, { namespace, module, version: added.range })
  if (changed !== source) await writeFile(flags.config, changed)
  process.stdout.write(summary(added, namespace, flags.config))
}

/** The last `@` divides the name from the range: the name begins with one itself. */
function parseSpec(text: string): { module: string; version?: string } {
  const at = text.lastIndexOf('@')
  const module = at > 0 ? text.slice(0, at) : text
  const version = at > 0 ? text.slice(at + 1) : undefined
  if (!moduleName.safeParse(module).success || version === '') {
    throw new CommandError(`Cannot add "${text}": want "@scope/name" or "@scope/name@<range>"`)
  }
  return version === undefined ? { module } : { module, version }
}

function summary(added: AddedModule, namespace: string, config: string): string {
  const { manifest, integrity } = added.module
  const lines = [
    `${manifest.name}@${added.version} from ${added.registry.url}`,
    `  ${integrity}`,
    ...added.rejected.map(({ version, reason }) => `  not ${version}: ${reason}`),
    'components:',
    ...manifest.components.map(({ name, summary: text }) => `  ${namespace}.${name}  ${text}`),
    'capabilities:',
    ...capabilityLines(manifest).map((line) => `  ${line}`),
  ]
  const grant = grantBlock(manifest)
  if (grant !== undefined)
    lines.push(`to grant what no argument designates, write into import.module "${namespace}" of ${config}:`, grant)
  return `${lines.join('\n')}\n`
}
