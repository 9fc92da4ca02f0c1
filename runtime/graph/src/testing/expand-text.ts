import { type Diagnostic, parse, stdlib } from '@ingot/syntax'
import { posix } from 'node:path'
import { expand, type Expanded, type LoadedImport } from '../expand/expand.ts'

export const globals = stdlib({
  env: () => undefined,
  hostname: 'h',
  os: 'linux',
  arch: 'amd64',
  version: '',
  path: posix,
})

/** Expands the text of one file in which `c.x` and `c.y` are components. */
export function expandText(text: string, imports: ReadonlyMap<string, LoadedImport> = new Map()): Expanded {
  const { file, diagnostics } = parse('main.alloy', text)
  const components = new Set(['c.x', 'c.y'])
  const names = new Set(Object.keys(globals))
  const expanded = expand({ files: [file], modulePath: '/etc', components, globals: names, imports })
  return { ...expanded, diagnostics: [...diagnostics, ...expanded.diagnostics] }
}

export function codesOf(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code }) => code)
}
