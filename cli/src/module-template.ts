import { stripTypeScriptTypes } from 'node:module'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a module to start from can be. Each is a folder that works as it stands. */
export const templates = ['source', 'transform', 'sink', 'discovery', 'function'] as const
export type Template = (typeof templates)[number]

/** Where the folders are. */
const templatesDir = fileURLToPath(new URL('../templates', import.meta.url))

/** What the modules in the folders are called. */
const templateName = '@my-team/my-module'

export interface TemplateOptions {
  /** `@scope/name` of the new module. */
  readonly name: string
  readonly template: Template
  readonly javascript: boolean
}

/** The files of a new module, by path. */
export async function moduleTemplate(options: TemplateOptions): Promise<ReadonlyMap<string, string>> {
  const dir = join(templatesDir, options.template)
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = new Map<string, string>()
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(dir.length + 1)
    // Its real name would make the template's own folder ignore files.
    const target = path === 'gitignore' ? '.gitignore' : path
    const text = renamed(await readFile(file, 'utf8'), options.name)
    if (options.javascript && target.endsWith('.ts')) files.set(`${target.slice(0, -2)}js`, withoutTypes(text))
    else files.set(target, options.javascript && target === 'tsconfig.json' ? checkingJavaScript(text) : text)
  }
  return files
}

/** The namespace that the components of a module are imported under. */
export function namespaceOf(name: string): string {
  return name.slice(name.indexOf('/') + 1).replaceAll('-', '_')
}

function renamed(text: string, name: string): string {
  return text.replaceAll(templateName, name).replaceAll(namespaceOf(templateName), namespaceOf(name))
}

/** Editors tell mistakes in JavaScript too, as far as types can be inferred. */
function checkingJavaScript(tsconfig: string): string {
  return tsconfig.replace(
    '"strict": true,',
    '"strict": true,\n    "noImplicitAny": false,\n    "allowJs": true,\n    "checkJs": true,',
  )
}

/** Types are replaced by blanks; what they leave behind is closed up. */
function withoutTypes(text: string): string {
  return stripTypeScriptTypes(text)
    .replaceAll(/(?<=\S) +(?=[),])/g, '')
    .replaceAll(/(?<=\S) {2,}(?=\S)/g, ' ')
    .replaceAll(/(from '\..*)\.ts'/g, "$1.js'")
}
