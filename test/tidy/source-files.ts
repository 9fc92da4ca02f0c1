import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface CodeFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Every TypeScript file that git knows or would add. */
export function codeFiles(): readonly CodeFile[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.ts', '*.mjs', '*.js']
  const paths = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
  return [...new Set(paths)].flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(root, path), 'utf8') }]
    } catch {
      // Deleted in the working tree and not yet in the index.
      return []
    }
  })
}

/** The specifiers that a file imports or re-exports from. */
export function importsOf({ text }: CodeFile): readonly string[] {
  return [
    ...text.matchAll(
      /^(?:import|export)\b[^'"\n]*(?:\n[^'"\n]*)*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
    ),
  ].map((found) => (found[1] ?? found[2] ?? found[3])!)
}
