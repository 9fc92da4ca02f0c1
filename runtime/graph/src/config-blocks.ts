/** The blocks that are neither components nor parts of modules. Names of the language, not of components. */
export interface ConfigBlockRule {
  readonly label: 'required' | 'none'
}

/** Allowed at the root of the configuration only; those without a label at most once. */
export const configBlocks: ReadonlyMap<string, ConfigBlockRule> = new Map([
  ['logging', { label: 'none' }],
  ['tracing', { label: 'none' }],
  ['http', { label: 'none' }],
  ['livedebugging', { label: 'none' }],
  ['remotecfg', { label: 'none' }],
  ['ingot', { label: 'none' }],
  ['registry', { label: 'required' }],
])

export const importBlocks: ReadonlySet<string> = new Set([
  'import.file',
  'import.string',
  'import.git',
  'import.http',
  'import.module',
])

export function isImport(name: string): boolean {
  return importBlocks.has(name)
}

/** Blocks that only the inside of a declare may have. */
export const moduleBlocks: ReadonlySet<string> = new Set(['argument', 'export'])
