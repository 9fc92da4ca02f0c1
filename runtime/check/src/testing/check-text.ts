import type { ForeachItems, LiveExports, LoadedImport } from '@ingot/graph'
import { type Diagnostic, parse, renderDiagnostics, stdlib } from '@ingot/syntax'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { plannedComponentsFile, readPlannedComponents } from '../planned/planned-components.ts'
import type { Stability } from '../stability.ts'
import { validate, type Validated } from '../validate.ts'
import { manifests } from '../../testdata/manifests.ts'

const globals = stdlib({
  env: (name) => (name === 'HOST' ? 'example' : undefined),
  hostname: 'host',
  os: 'linux',
  arch: 'amd64',
  version: 'v1.0.0',
  path: posix,
})

export interface CheckedText extends Validated {
  readonly all: readonly Diagnostic[]
  /** As people see it. */
  readonly printed: string
}

export interface CheckTextOptions {
  readonly imports?: ReadonlyMap<string, LoadedImport>
  readonly live?: LiveExports
  /** Whether what Alloy has beyond the test's components is known. */
  readonly planned?: boolean
  readonly advice?: boolean
  readonly stability?: Stability
  readonly items?: ReadonlyMap<string, ForeachItems>
}

/** Checks the text of a configuration; `imported` files by the id of the import. */
export function checkText(name: string, text: string, options: CheckTextOptions = {}): CheckedText {
  const { file, diagnostics } = parse(name, text)
  const validated = validate({
    files: [file],
    modulePath: '/etc/ingot',
    imports: options.imports ?? new Map(),
    components: new Set(manifests.keys()),
    manifest: (component) => manifests.get(component.replace(/^.*#/, '')),
    globals,
    ...(options.planned && { planned: readPlannedComponents(readFileSync(plannedComponentsFile, 'utf8')) }),
    advice: options.advice ?? false,
    stability: options.stability ?? 'generally-available',
    ...(options.live && { live: options.live }),
    ...(options.items && { items: options.items }),
  })
  const all = [...diagnostics, ...validated.diagnostics]
  const sources = new Map([[name, text]])
  for (const loaded of options.imports?.values() ?? []) {
    if (loaded.kind !== 'failed') for (const source of loaded.files) sources.set(source.name, source.text)
  }
  return { ...validated, all, printed: renderDiagnostics(all, sources, { color: false }) }
}
