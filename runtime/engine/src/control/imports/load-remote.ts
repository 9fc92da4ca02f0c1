import type { EvaluatedBlock, ImportNode } from '@ingot/graph'
import { LoaderError, type LoaderProblem, readLock, sourceDifference, sourceKey } from '@ingot/loader'
import type { LockedSource } from '@ingot/manifest'
import { Secret } from '@ingot/sdk'
import { diagnose, type Diagnostic, type Span } from '@ingot/syntax'
import { createHash } from 'node:crypto'
import { join, relative, resolve } from 'node:path'
import { readConfigBlock } from '../read-config-block.ts'
import { GitSource } from './git-source.ts'
import { HttpSource } from './http-source.ts'
import type { RemoteImports, UsedRemote } from './remote-imports.ts'
import type { RemoteContent, RemoteSource } from './remote-source.ts'

export interface RemoteLoadOptions {
  /** As the user named it. */
  readonly configPath: string
  /** Folder of the root configuration, where `ingot.lock` lies. */
  readonly configDir: string
  readonly remotes: RemoteImports
  /** Only what the lockfile pins is loaded. */
  readonly frozen: boolean
}

/** An import of the graph, and the file of the configuration that it came by. */
export interface PlacedImport {
  readonly node: ImportNode
  readonly block: EvaluatedBlock
  readonly root: string
}

export interface RemoteLoad {
  readonly diagnostics: readonly Diagnostic[]
  readonly content?: RemoteContent
  readonly used?: UsedRemote
  /** In the lockfile. */
  readonly key?: string
}

/** Loads what an `import.git` or `import.http` block names, and holds it against the lockfile. */
export async function loadRemote(placed: PlacedImport, options: RemoteLoadOptions): Promise<RemoteLoad> {
  const { diagnostics, value, pollMs, open } = readBlock(placed, options)
  if (!value) return { diagnostics }
  try {
    const loaded = await load({ placed, options, value, pollMs, open })
    return { ...loaded, diagnostics: [...diagnostics, ...loaded.diagnostics] }
  } catch (error) {
    const problems = error instanceof LoaderError ? error.problems : [{ message: (error as Error).message }]
    return { diagnostics: [...diagnostics, ...problems.map((problem) => asDiagnostic(problem, placed))] }
  }
}

interface Reading {
  readonly diagnostics: readonly Diagnostic[]
  readonly value: object | undefined
  readonly pollMs: number
  readonly open: () => RemoteSource
}

function readBlock({ node, block }: PlacedImport, { remotes }: RemoteLoadOptions): Reading {
  const { cacheDir, storageDir } = remotes.options
  if (node.name === 'import.git') {
    const { value, diagnostics } = readConfigBlock('import.git', block)
    const open = () => new GitSource({ id: node.id, value: value!, cacheDir, storageDir })
    return { value, diagnostics, pollMs: value?.pull_frequency ?? 0, open }
  }
  const { value, diagnostics } = readConfigBlock('import.http', block)
  return {
    value,
    diagnostics,
    pollMs: value?.poll_frequency ?? 0,
    open: () => new HttpSource({ value: value!, cacheDir }),
  }
}

interface Loading extends Omit<Reading, 'diagnostics'> {
  readonly placed: PlacedImport
  readonly options: RemoteLoadOptions
}

async function load({ placed, options, value, pollMs, open }: Loading): Promise<RemoteLoad> {
  const { node, root } = placed
  const { configPath, configDir, remotes, frozen } = options
  const file = relative(configDir, resolve(root)).replaceAll('\\', '/')
  const lockKey = sourceKey(file, node.id)
  const lock = remotes.options.offline ? undefined : await readLock(join(configDir, 'ingot.lock'))
  const pinned = lock?.sources?.[lockKey]
  const mismatch = (found: string, severity: 'error' | 'warning') => {
    const message = `${severity === 'error' ? 'Cannot load' : 'Should not load'} ${title(node)}: ${found}`
    const command = `ingot module lock ${/^[\w./+-]+$/.test(configPath) ? configPath : `'${configPath}'`}`
    return { ...diagnose('lock-mismatch', at(placed), message, { command }), severity }
  }
  if (frozen && !pinned) return { diagnostics: [mismatch('ingot.lock does not pin it', 'error')] }
  const key = keyOf(node.id, value, frozen ? pinned : undefined)
  const answer = await remotes.content({ id: node.id, key, pollMs, source: open, pinned, frozen })
  if (!answer) return { diagnostics: [] }
  const { content, stale, address } = answer
  const difference = pinned && sourceDifference(pinned, content.found)
  if (difference !== undefined && frozen) return { diagnostics: [mismatch(difference, 'error')] }
  const diagnostics: Diagnostic[] = []
  if (difference !== undefined && !remotes.options.keepAll) diagnostics.push(mismatch(difference, 'warning'))
  if (stale !== undefined) {
    const message = `Cannot fetch ${title(node)} from "${address}": ${stale}; what it had earlier is used`
    diagnostics.push({ ...diagnose('failed-import', at(placed), message), severity: 'warning' })
  }
  return { diagnostics, content, used: { id: node.id, key }, key: lockKey }
}

/** Blocks with the same arguments share what was fetched. Secrets decide too, and are not kept for it. */
function keyOf(id: string, value: object | undefined, pinned: LockedSource | undefined): string {
  function reveal(this: Readonly<Record<string, unknown>>, name: string, part: unknown): unknown {
    const original = this[name]
    return original instanceof Secret ? original.reveal() : part
  }
  return createHash('sha256')
    .update(JSON.stringify([id, value, pinned], reveal))
    .digest('hex')
}

function asDiagnostic(
  { code, message, hint, argument }: Partial<LoaderProblem> & { message: string },
  placed: PlacedImport,
): Diagnostic {
  if (argument !== undefined) return diagnose('invalid-value', at(placed, argument), message)
  if (code?.startsWith('lock-'))
    return { ...diagnose('lock-mismatch', at(placed), message), ...(hint !== undefined && { hint }) }
  const found = diagnose('failed-import', at(placed), `Cannot load ${title(placed.node)}: ${message}`)
  return hint === undefined ? found : { ...found, hint }
}

function title({ name, label }: ImportNode): string {
  return `${name} "${label ?? ''}"`
}

/** An argument's value or block; else the import's own head. */
function at({ node, block }: PlacedImport, argument?: string): { readonly file: string; readonly span: Span } {
  const attribute = block.attributes.find(({ name }) => name === argument)
  const inner = block.blocks.find(({ name }) => name === argument)
  return { file: node.file, span: attribute?.expression.span ?? inner?.head ?? node.block.head }
}
