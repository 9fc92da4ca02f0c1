import type { CompletionItemKind } from 'vscode-languageserver'

export interface Proposal {
  readonly label: string
  readonly kind: CompletionItemKind
  readonly detail?: string
  /** Markdown. */
  readonly docs?: string
  /** What is inserted by an editor without snippets; the label where absent. */
  readonly insert?: string
  readonly snippet?: string
  /** Compared with what is typed; the label where absent. */
  readonly filter?: string
  /** One character: smaller ones come first. */
  readonly rank: string
  readonly deprecated?: boolean
}

/** Text as it stands in a snippet. */
export function escaped(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&')
}
