import { parse, type Parsed } from '@ingot/syntax'
import type { Span } from '@ingot/syntax'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Range } from 'vscode-languageserver'
import { indexScopes, type ScopePart } from './scope-part.ts'

/** One version of a file: read once, parsed and indexed when it is first asked for. */
export class Source {
  readonly name: string
  readonly document: TextDocument
  #parsed: Parsed | undefined
  #root: ScopePart | undefined

  constructor(name: string, document: TextDocument) {
    this.name = name
    this.document = document
  }

  static of(name: string, text: string, uri = name): Source {
    return new Source(name, TextDocument.create(uri, 'alloy-config', 0, text))
  }

  get text(): string {
    return this.document.getText()
  }

  get parsed(): Parsed {
    return (this.#parsed ??= parse(this.name, this.text))
  }

  get root(): ScopePart {
    return (this.#root ??= indexScopes(this))
  }

  range(span: Span): Range {
    return { start: this.document.positionAt(span.start), end: this.document.positionAt(span.end) }
  }
}
