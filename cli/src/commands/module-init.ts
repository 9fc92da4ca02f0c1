import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { moduleName } from '@ingot/manifest'
import { Option, type Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { linkAuthorPackages } from '../link-author-packages.ts'
import { moduleTemplate, templates, type Template } from '../module-template.ts'

interface Flags {
  readonly name?: string
  readonly template: Template
  readonly javascript?: boolean
}

/** `ingot module init`: a module that works, with tests that pass and a configuration that runs. */
export function registerInit(module: Command): void {
  module
    .command('init')
    .description('makes a module to start from')
    .argument('<dir>', 'folder to make')
    .option('--name <name>', '@scope/name (default: @my-team/<folder>)')
    .addOption(new Option('--template <what>', 'what the module does').choices(templates).default('transform'))
    .option('--javascript', 'JavaScript instead of TypeScript')
    .action(init)
}

async function init(dir: string, { name: given, template, javascript = false }: Flags): Promise<void> {
  const folder = resolve(dir)
  const name = given ?? `@my-team/${nameOf(folder)}`
  if (!moduleName.safeParse(name).success) {
    throw new CommandError(
      `Cannot make a module named "${name}": want "@scope/name" in lower case, each of two to forty letters, digits and dashes`,
      'give it with --name',
    )
  }
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (present.length > 0)
    throw new CommandError(
      `Cannot make a module in "${folder}": the folder is not empty, it holds ${present.length === 1 ? `"${present[0]}"` : `"${present[0]}" and more`}`,
    )
  const files = await moduleTemplate({ name, template, javascript })
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await linkAuthorPackages(folder)
  const paths = [...files.keys()].toSorted().map((path) => `  ${path}\n`)
  process.stdout.write(`made ${name} in ${folder}\n${paths.join('')}next: cd ${dir} && ingot module dev\n`)
}

function nameOf(folder: string): string {
  return basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
}
