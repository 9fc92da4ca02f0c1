import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { moduleName } from '@ingot/manifest'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { moduleTemplate } from '../module-template.ts'

/** `ingot module init`: a component that works, with a test that passes. */
export function registerInit(module: Command): void {
  module
    .command('init')
    .description('makes a module to start from')
    .argument('<dir>', 'folder to make')
    .option('--name <name>', '@scope/name (default: @my-team/<folder>)')
    .action(init)
}

async function init(dir: string, flags: { readonly name?: string }): Promise<void> {
  const folder = resolve(dir)
  const name =
    flags.name ??
    `@my-team/${basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')}`
  if (!moduleName.safeParse(name).success) {
    throw new CommandError(
      `Cannot make a module named "${name}": want "@scope/name" in lower case`,
      'give it with --name',
    )
  }
  const present = await readdir(folder).catch(() => [])
  if (present.length > 0) throw new CommandError(`Cannot make a module in "${folder}": the folder is not empty`)
  for (const [path, text] of Object.entries(moduleTemplate(name))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  process.stdout.write(`made ${name} in ${folder}\nnext: ingot module test ${dir}\n`)
}
