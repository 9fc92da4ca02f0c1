import type { Graph, LoadedImport } from '@ingot/graph'
import { type Body, diagnose, type Diagnostic, references, type SourceFile } from '@ingot/syntax'

/** Imports whose label no block begins with, in the files where it is known. */
export function unusedImports(
  { nodes }: Graph,
  { files, imports }: { readonly files: readonly SourceFile[]; readonly imports: ReadonlyMap<string, LoadedImport> },
): Diagnostic[] {
  return [...nodes.values()].flatMap((node) => {
    if (node.kind !== 'import' || node.label === undefined) return []
    const loaded = imports.get(node.scope.id)
    const around = loaded ? (loaded.kind === 'failed' ? [] : loaded.files) : files
    if (around.some(({ body }) => usesNamespace(body, node.label!))) return []
    const brought = imports.get(node.id)
    const hasFunctions = brought?.kind === 'module' && brought.functions !== undefined
    if (hasFunctions && around.some(({ body }) => callsFrom(body, node.label!))) return []
    const place = { file: node.file, span: node.block.head }
    return [diagnose('unused-import', place, `Nothing uses ${node.name} "${node.label}"`)]
  })
}

function usesNamespace({ statements }: Body, label: string): boolean {
  return statements.some(
    (statement) =>
      statement.kind === 'block' &&
      ((statement.name.length > 1 && statement.name[0]!.text === label) || usesNamespace(statement.body, label)),
  )
}

function callsFrom({ statements }: Body, label: string): boolean {
  return statements.some((statement) =>
    statement.kind === 'block'
      ? callsFrom(statement.body, label)
      : references(statement.value).some(({ names }) => names[0] === label),
  )
}
