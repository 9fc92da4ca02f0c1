/** An `import.module` block as plain data. */
export interface ImportRequest {
  /** The file that holds the block, relative to the lockfile's folder, with `/`. */
  readonly file: string
  /** Label of the block: the namespace of the module's components. */
  readonly namespace: string
  /** `@scope/name`. */
  readonly module: string
  /** In the notation of npm: `^1.4.0`, or `1.4.2` for exactly that. */
  readonly version: string
  /** `@scope/name@1.4.2` of the module that holds the block: its dependencies are pinned with it, not with a file. */
  readonly parent?: string
}

/** The key of an import in the lockfile. */
export function importKey(request: Pick<ImportRequest, 'file' | 'namespace' | 'parent'>): string {
  return `${request.parent ?? request.file}#${request.namespace}`
}

/** The command that makes the lock agree with a block. */
export function addCommand(request: ImportRequest): string {
  if (request.parent !== undefined) return 'ingot module update'
  const { module, version, namespace, file } = request
  return `ingot module add '${module}@${version}' --namespace ${namespace} --config ${file}`
}
