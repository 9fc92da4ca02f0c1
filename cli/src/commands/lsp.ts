import { serveEditor } from '@ingot/editor'
import { Option, type Command } from 'commander'
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'
import { editorHost } from '../editor/editor-host.ts'
import type { ThreadOptions } from '../editor/open-checks.ts'

/** `ingot lsp`: the language server that editors start. */
export function register(program: Command): void {
  program
    .command('lsp')
    .description('serves editors: the Language Server Protocol on standard input and output')
    .option('--stdio', 'the only way there is; editors that name it may')
    .addOption(
      new Option('--stability.level <level>', 'least stability of what may be used')
        .choices(['experimental', 'public-preview', 'generally-available'])
        .default('generally-available'),
    )
    .option('--feature.community-components.enabled', 'allows components that the community maintains')
    .action(serve)
}

interface LspFlags {
  readonly 'stability.level': ThreadOptions['stabilityLevel']
  readonly 'feature.communityComponents.enabled'?: boolean
}

function serve(flags: LspFlags): void {
  const reader = new StreamMessageReader(process.stdin)
  const writer = new StreamMessageWriter(process.stdout)
  const host = editorHost({
    stabilityLevel: flags['stability.level'],
    communityComponents: flags['feature.communityComponents.enabled'] ?? false,
  })
  serveEditor(createConnection(ProposedFeatures.all, reader, writer), host)
}
