import type { Span } from '@ingot/syntax'
import type { TextEdit } from 'vscode-languageserver'
import type { FileSet } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import type { Source } from '../source/source.ts'

/** What mends a mistake. */
export interface Fix {
  readonly title: string
  readonly edits: readonly TextEdit[]
  /** The file that the edits are of; absent: the one that the mistake is in. */
  readonly source?: Source
  /** Whether somebody should look at it first: editors do not make it with others at once. */
  readonly needsLook?: boolean
}

export interface Mistake {
  readonly names: Names
  readonly set: FileSet
  readonly source: Source
  readonly span: Span
  /** What the diagnostic underlines. */
  readonly text: string
  readonly hint: string
}
