import type { LiveExports, LoadedImport } from '@ingot/graph'
import { type Diagnostic, parse, renderDiagnostics, stdlib } from '@ingot/syntax'
import { posix } from 'node:path'
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
    stability: 'generally-available',
    formats: { regexp: (expression) => (expression.includes('(?') ? 'found (?, which is not RE2 syntax' : undefined) },
    ...(options.live && { live: options.live }),
  })
  const all = [...diagnostics, ...validated.diagnostics]
  const sources = new Map([[name, text]])
  for (const loaded of options.imports?.values() ?? []) {
    if (loaded.kind !== 'failed') for (const source of loaded.files) sources.set(source.name, source.text)
  }
  return { ...validated, all, printed: renderDiagnostics(all, sources, { color: false }) }
}
