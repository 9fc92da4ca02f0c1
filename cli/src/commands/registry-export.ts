import { resolve } from 'node:path'
import { exportRegistry, importRegistry } from '@ingot/registry-server'
import type { Command } from 'commander'
import { durationFlag } from '../duration-flag.ts'
import { withRefusals } from '../registry-refusals.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

/** What takes no longer is not talked about, and not more often than this. */
const quietMs = 1000

interface ExportFlags extends StorageFlags {
  readonly scope: readonly string[]
  readonly validFor?: string
  readonly json?: boolean
}

interface ImportFlags extends StorageFlags {
  readonly as: string
  readonly root: string
  readonly json?: boolean
}

/** `ingot registry export|import`: a registry as a folder of files, for file servers and for networks without a way out. */
export function registerExport(registry: Command): void {
  addStorageFlags(registry.command('export <folder>'))
    .description(
      'writes what the registry serves to everybody to a folder, which any file server can serve; repeated, only what is new',
    )
    .option(
      '--scope <scope>',
      'only that scope; may be repeated',
      (scope: string, all: string[]) => [...all, scope],
      [],
    )
    .option('--valid-for <duration>', 'how long versions may be chosen by the folder as it is (default: 24h)')
    .option('--json', 'prints the result as JSON')
    .action(exportTo)
  addStorageFlags(registry.command('import <folder>'))
    .description(
      'takes the folder of an export into a registry, which serves it below /mirror/<name>/; verifies all of it first',
    )
    .requiredOption('--as <name>', 'name of the mirror')
    .requiredOption('--root <fingerprint>', 'root keys of the registry that was exported: "sha256:…"')
    .option('--json', 'prints the result as JSON')
    .action(importFrom)
}

async function exportTo(folder: string, flags: ExportFlags): Promise<void> {
  const validMs = flags.validFor === undefined ? undefined : durationFlag(flags.validFor)
  const options = { scopes: flags.scope, onProgress: progress('exporting'), ...(validMs !== undefined && { validMs }) }
  const figures = await withRefusals(() => exportRegistry(storageOf(flags), resolve(folder), options))
  print(
    flags,
    figures,
    `exported ${figures.modules} modules with ${figures.versions} versions, ${figures.written} documents of them new`,
  )
}

async function importFrom(folder: string, flags: ImportFlags): Promise<void> {
  const { as: name, root } = flags
  const figures = await withRefusals(() =>
    importRegistry(storageOf(flags), resolve(folder), {
      name,
      root,
      onProgress: progress('verifying'),
    }),
  )
  print(
    flags,
    figures,
    `imported ${figures.modules} modules with ${figures.versions} versions; they are served below /mirror/${name}/`,
  )
}

function progress(doing: string): (module: string) => void {
  let last = performance.now()
  let count = 0
  return (module) => {
    count++
    if (performance.now() - last < quietMs) return
    last = performance.now()
    process.stderr.write(`ingot: ${doing} ${module} (${count} so far)\n`)
  }
}

function print({ json }: { readonly json?: boolean }, figures: object, line: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(figures, null, 2)}\n` : `${line}\n`)
}
