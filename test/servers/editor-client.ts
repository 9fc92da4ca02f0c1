import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializeRequest,
  type InitializeResult,
  InitializedNotification,
  LogMessageNotification,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from 'vscode-languageserver-protocol/node'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** An editor: it starts `ingot lsp` in a process of its own and speaks to it over standard input and output. */
export class EditorClient {
  readonly folder: string
  readonly connection: ProtocolConnection
  readonly initialized: InitializeResult
  readonly #process: ChildProcessWithoutNullStreams
  readonly #texts = new Map<string, string>()
  readonly #versions = new Map<string, number>()
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>()
  #waiting: (() => void)[] = []
  /** What the server complained of. */
  readonly complaints: string[] = []

  private constructor(
    folder: string,
    connection: ProtocolConnection,
    initialized: InitializeResult,
    process: ChildProcessWithoutNullStreams,
  ) {
    this.folder = folder
    this.connection = connection
    this.initialized = initialized
    this.#process = process
    connection.onNotification(LogMessageNotification.type, ({ message }) => void this.complaints.push(message))
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#diagnostics.set(uri, diagnostics)
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  /** @param files written into a new folder, which is where the server runs */
  static async start(
    files: Readonly<Record<string, string>>,
    options: { readonly snippets?: boolean } = {},
  ): Promise<EditorClient> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ingot-editor-')))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const args = ['--disable-warning=ExperimentalWarning', join(root, 'cli/src/main.ts'), 'lsp', '--stdio']
    const child = spawn(process.execPath, args, { cwd: folder })
    child.stderr.resume()
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    )
    connection.listen()
    const initialized = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: { textDocument: { completion: { completionItem: { snippetSupport: options.snippets ?? true } } } },
    })
    const client = new EditorClient(folder, connection, initialized, child)
    await connection.sendNotification(InitializedNotification.type, {})
    return client
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** CPU that the thread which answers has used, in steps of 10 ms. */
  mainThreadMs(): number {
    const { pid } = this.#process
    const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  }

  /** The most memory that the server has had at once. */
  peakRssMiB(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href
  }

  text(name: string): string {
    return this.#texts.get(name)!
  }

  async open(name: string): Promise<void> {
    const text = readFileSync(join(this.folder, name), 'utf8')
    this.#texts.set(name, text)
    this.#versions.set(name, 1)
    const textDocument = { uri: this.uri(name), languageId: 'alloy-config', version: 1, text }
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
  }

  /** Replaces a range of the text that the server has, as typing does. */
  async edit(name: string, range: Range, newText: string): Promise<void> {
    const text = this.text(name)
    const [start, end] = [offsetAt(text, range.start), offsetAt(text, range.end)]
    this.#texts.set(name, text.slice(0, start) + newText + text.slice(end))
    await this.#changed(name, [{ range, text: newText }])
  }

  async replace(name: string, text: string): Promise<void> {
    this.#texts.set(name, text)
    await this.#changed(name, [{ text }])
  }

  /** The place of the `|` in a piece of the text. */
  at(name: string, piece: string): { readonly textDocument: { readonly uri: string }; readonly position: Position } {
    const offset = this.text(name).indexOf(piece.replace('|', ''))
    if (offset === -1) throw new Error(`"${piece}" is not in ${name}`)
    return { textDocument: { uri: this.uri(name) }, position: positionAt(this.text(name), offset + piece.indexOf('|')) }
  }

  /** From the first `|` in a piece of the text to the second. */
  range(name: string, piece: string): Range {
    const offset = this.text(name).indexOf(piece.replaceAll('|', ''))
    const [before = '', inside = ''] = piece.split('|')
    const start = offset + before.length
    return { start: positionAt(this.text(name), start), end: positionAt(this.text(name), start + inside.length) }
  }

  /** The diagnostics of a file, once they are as they should be. */
  async diagnostics(name: string, wanted: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]> {
    for (;;) {
      const found = this.#diagnostics.get(this.uri(name))
      if (found && wanted(found)) return found
      await new Promise<void>((wake) => this.#waiting.push(wake))
    }
  }

  /** The diagnostics of a file that came last. */
  latest(name: string): readonly Diagnostic[] {
    return this.#diagnostics.get(this.uri(name)) ?? []
  }

  async stop(): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => this.#process.once('exit', (code) => resolve(code)))
    await this.connection.sendRequest(ShutdownRequest.type)
    await this.connection.sendNotification(ExitNotification.type)
    const code = await exited
    this.connection.dispose()
    rmSync(this.folder, { recursive: true })
    return code
  }

  async #changed(name: string, contentChanges: { range: Range; text: string }[] | { text: string }[]): Promise<void> {
    const version = this.#versions.get(name)! + 1
    this.#versions.set(name, version)
    const textDocument = { uri: this.uri(name), version }
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument, contentChanges })
  }
}

export function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\n/)
  return { line: lines.length - 1, character: lines.at(-1)!.length }
}

function offsetAt(text: string, { line, character }: Position): number {
  let at = 0
  for (let left = line; left > 0; left--) at = text.indexOf('\n', at) + 1
  return at + character
}

/** A text with edits of one document made. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits.toSorted((a, b) => offsetAt(text, b.range.start) - offsetAt(text, a.range.start))
  return ordered.reduce((at, { range, newText }) => {
    return at.slice(0, offsetAt(text, range.start)) + newText + at.slice(offsetAt(text, range.end))
  }, text)
}
