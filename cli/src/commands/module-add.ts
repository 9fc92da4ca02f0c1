import { addModule, type AddedModule } from '@ingot/loader'
import { grantBlock, moduleName, signatureText } from '@ingot/manifest'
import { isIdentifier } from '@ingot/syntax'
import type { Command } from 'commander'
import { capabilityLines } from '../capability-lines.ts'
import { CommandError } from '../command-error.ts'
import { putImport } from '../config-text/put-import.ts'
import { readImports } from '../config-text/read-imports.ts'
import { addChangeOptions } from '../module-changes/change-options.ts'
import { readConfiguredModules } from '../module-changes/configured-modules.ts'
import { finishChanges, type ChangeFlags } from '../module-changes/finish-changes.ts'
import { showPlanProgress } from '../module-changes/show-plan-progress.ts'
import { namespaceOf } from '../module-template.ts'

interface Flags extends ChangeFlags {
  readonly namespace?: string
}

/** `ingot module add`: chooses a version, pins it and imports it. Writes the lock and the import; never a grant. */
export function registerAdd(module: Command): void {
  const command = module
    .command('add')
    .description('resolves a module, pins it in ingot.lock and imports it in a configuration')
    .argument('<module>', '@scope/name, with a range: @scope/name@^1.4.0')
    .option('--namespace <name>', "namespace of the module's components (default: its name)")
  addChangeOptions(command).action(add)
}

async function add(text: string, flags: Flags): Promise<void> {
  const { module, version } = parseSpec(text)
  const namespace = flags.namespace ?? namespaceOf(module)
  if (!isIdentifier(namespace)) throw new CommandError(`Cannot import as "${namespace}": want an identifier`)
  const modules = await readConfiguredModules(flags.config)
  const { file, imports, registries, lock, cache } = modules
  const added = await addModule({
    file,
    namespace,
    module,
    ...(version === undefined ? {} : { version }),
    imports,
    registries,
    lock,
    cache,
    onProgress: showPlanProgress(),
  })
  const changed = putImport(flags.config, modules.text, { namespace, module, version: added.range })
  const planned = {
    lock: added.lock,
    text: changed,
    imports: readImports(flags.config, file, changed),
    changes: added.changes,
    resolution: added.resolution,
    before: summary(added, namespace),
    after: grantLines(added, namespace, flags.config),
  }
  await finishChanges(modules, planned, flags)
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

function summary(added: AddedModule, namespace: string): string[] {
  const { manifest, integrity } = added.module
  return [
    `${manifest.name}@${added.version} from ${added.registry.url}`,
    `  ${integrity}`,
    'components:',
    ...manifest.components.map(({ name, summary: text }) => `  ${namespace}.${name}  ${text}`),
    ...(manifest.functions.length > 0 ? ['functions:'] : []),
    ...manifest.functions.map((each) => `  ${namespace}.${signatureText(each)}  ${each.summary}`),
    'capabilities:',
    ...capabilityLines(manifest).map((line) => `  ${line}`),
    'changes of ingot.lock:',
  ]
}

function grantLines({ module: { manifest } }: AddedModule, namespace: string, config: string): string[] {
  const grant = grantBlock(manifest)
  if (grant === undefined) return []
  return [`to grant what no argument designates, write into import.module "${namespace}" of ${config}:`, grant]
}
