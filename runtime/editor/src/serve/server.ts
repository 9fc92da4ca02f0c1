import {
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { EditorHost } from '../host.ts'
import { answerRequests } from './answer-requests.ts'
import { Diagnosing } from './diagnosing.ts'
import { type ConfigurationIs, Workspace } from './workspace.ts'

/** What is running once the host is ready. */
export interface Session {
  readonly workspace: Workspace
  readonly snippets: boolean
}

/** `initializationOptions`: whether a configuration is a whole folder (the default) or each file alone. */
interface InitializationOptions {
  readonly configuration?: ConfigurationIs
}

const INVALID_REQUEST = -32600

/**
 * Speaks the Language Server Protocol over a connection. The answer to `initialize` does not wait for the host: requests
 * that need it do.
 */
export function serveEditor(connection: Connection, host: Promise<EditorHost>): void {
  const documents = new TextDocuments(TextDocument)
  let session: Promise<Session> | undefined
  let diagnosing: Diagnosing | undefined
  /** Whether the editor watches the files that it is asked to. */
  let watches = false
  const ready = (): Promise<Session> => session ?? Promise.reject(new ResponseError(INVALID_REQUEST, 'not initialized'))

  connection.onInitialize((params) => {
    watches = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true
    const { configuration } = (params.initializationOptions ?? {}) as InitializationOptions
    session = host.then((known) => {
      const workspace = new Workspace(known, configuration === 'file' ? 'file' : 'folder')
      diagnosing = new Diagnosing({
        checker: known.checker,
        overlays: () => workspace.openTexts(),
        publish: (diagnostics) => void connection.sendDiagnostics(diagnostics),
        warn: (message) => connection.console.warn(message),
      })
      return { workspace, snippets: takesSnippets(params) }
    })
    session.catch((error: unknown) => connection.console.error(String(error)))
    return capabilities
  })
  documents.onDidChangeContent(({ document }) => {
    void whenReady(({ workspace }) => {
      // What was typed while the host got ready comes as one text.
      const current = documents.get(document.uri)
      if (!current) return
      const { project, source } = workspace.update(current)
      for (const each of workspace.projects) diagnosing?.changed(each, each === project ? source : undefined)
    })
  })
  documents.onDidClose(({ document }) => {
    void whenReady(({ workspace }) => {
      const project = workspace.close(document)
      if (project.isOpen) diagnosing?.changed(project, undefined)
      else diagnosing?.forget(project)
    })
  })
  connection.onInitialized(() => {
    if (!watches) return
    const watchers = ['**/*.alloy', '**/ingot.lock'].map((globPattern) => ({ globPattern }))
    const registered = connection.client.register(DidChangeWatchedFilesNotification.type, { watchers })
    registered.catch((error: unknown) => connection.console.warn(String(error)))
  })
  connection.onDidChangeWatchedFiles(() => {
    void whenReady(async ({ workspace }) => {
      for (const project of workspace.projects) {
        await project.reload()
        diagnosing?.changed(project, undefined)
      }
    })
  })
  connection.onShutdown(() => diagnosing?.close())
  answerRequests(connection, ready)
  documents.listen(connection)
  connection.listen()

  async function whenReady(act: (session: Session) => void | Promise<void>): Promise<void> {
    try {
      await act(await ready())
    } catch (error) {
      connection.console.error(String(error))
    }
  }
}

function takesSnippets({ capabilities: client }: InitializeParams): boolean {
  return client.textDocument?.completion?.completionItem?.snippetSupport === true
}

const capabilities: InitializeResult = {
  serverInfo: { name: 'ingot' },
  capabilities: {
    positionEncoding: 'utf-16',
    textDocumentSync: TextDocumentSyncKind.Incremental,
    completionProvider: { triggerCharacters: ['.', '"'] },
    hoverProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    documentHighlightProvider: true,
    renameProvider: { prepareProvider: true },
    documentSymbolProvider: true,
    documentFormattingProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix'] },
  },
}
