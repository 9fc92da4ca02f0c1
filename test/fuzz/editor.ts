import { parse } from '@ingot/syntax'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Diagnostic } from 'vscode-languageserver-protocol/node'
import { EditorClient, positionAt } from '../servers/editor-client.ts'
import { generator, type Random } from './random.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const patterns = [
  'examples/*/config.alloy',
  'runtime/{check,syntax}/testdata/**/*.alloy',
  'runtime/editor/testdata/*.alloy',
]
/** Edits of one text: with more, nothing of a configuration is left in it. */
const editsPerText = 40
const textMax = 20_000

/** What people, and accidents, put into a text. */
const pieces = [
  '{', '}', '[', ']', '(', ')', '=', ',', '.', '"', '`', '//', '/*', '*/', '\n', '\r\n', '\t', ' ', "'", '\\', '\0', '\uFEFF',
  '☕', '𝄞', '\uD834', 'é', '1e', '-', '!', '&&', 'null', 'declare "d" {\n', 'argument "a" { }\n', 'd "x" { a = d.x.b }\n',
  'import.file "i" {\n\tfilename = "i.alloy"\n}\n', 'i.d "y" {', 'foreach "f" {\n\ttemplate {\n', 'loki.write "out" {\n',
  'forward_to = [loki.write.', 'endpoint {', 'prometheus.', 'sys.env("', 'export "e" {\n\tvalue = argument.a.value\n}\n',
] // oxfmt-ignore

const requests = [
  'completion',
  'hover',
  'definition',
  'references',
  'rename',
  'prepareRename',
  'documentSymbol',
  'documentHighlight',
  'formatting',
  'codeAction',
]

export interface RandomEdits {
  readonly edits: number
  readonly seed: number
}

/**
 * Edits real configurations at random in a real `ingot lsp`, and asks it something at a random place after each edit.
 * @throws when an answer is an error or does not come, or when the server's text is not the client's in the end
 */
export async function editAtRandom({ edits, seed }: RandomEdits): Promise<void> {
  const random = generator(seed)
  const paths = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted()
  const client = await EditorClient.start({
    'edited.alloy': '',
    'other.alloy': 'declare "d" {\n\targument "a" { }\n}\n',
  })
  await client.open('edited.alloy')
  for (let done = 0; done < edits; done++) {
    if (done % editsPerText === 0) {
      const text = readFileSync(join(root, paths[random(paths.length)]!), 'utf8')
      await client.replace('edited.alloy', random(4) === 0 ? text.replaceAll('\n', '\r\n') : text)
    }
    await editOnce(client, random)
    await askOnce(client, random)
  }
  await sameText(client)
  if (client.complaints.length > 0) throw new Error(client.complaints.join('\n'))
  const code = await client.stop()
  if (code !== 0) throw new Error(`the server ended with ${code}`)
}

async function editOnce(client: EditorClient, random: Random): Promise<void> {
  const text = client.text('edited.alloy')
  const start = random(text.length + 1)
  const removed = text.length > textMax ? 1000 : random(3) === 0 ? random(40) : random(2)
  const end = Math.min(text.length, start + removed)
  const range = { start: positionAt(text, start), end: positionAt(text, end) }
  // A place inside of a line's end is none that the protocol can name.
  if (text[start - 1] === '\r' || text[end - 1] === '\r') return
  await client.edit('edited.alloy', range, pieces[random(pieces.length)]!)
}

async function askOnce(client: EditorClient, random: Random): Promise<void> {
  const text = client.text('edited.alloy')
  const position = positionAt(text, random(text.length + 1))
  const method = requests[random(requests.length)]!
  const textDocument = { uri: client.uri('edited.alloy') }
  const params = {
    textDocument,
    position,
    context: { includeDeclaration: true, diagnostics: client.latest('edited.alloy') },
    range: { start: position, end: position },
    options: { tabSize: 4, insertSpaces: false },
    newName: 'renamed',
  }
  try {
    await client.connection.sendRequest(`textDocument/${method}`, params)
  } catch (error) {
    // A name that is taken is refused: the one error that is an answer.
    if (!(error as Error).message.startsWith('Cannot rename'))
      throw new Error(`${method} of ${JSON.stringify(text)}`, { cause: error })
  }
}

/** What the parser says of the text here stands where the server says it. */
async function sameText(client: EditorClient): Promise<void> {
  const text = `${client.text('edited.alloy')}\n} = "end of the text"\n`
  const { start, end } = { start: client.text('edited.alloy').length, end: client.text('edited.alloy').length }
  const range = {
    start: positionAt(client.text('edited.alloy'), start),
    end: positionAt(client.text('edited.alloy'), end),
  }
  await client.edit('edited.alloy', range, text.slice(start))
  const wanted = parse('edited.alloy', text).diagnostics.map(
    ({ code, span }) => `${code} ${JSON.stringify(positionAt(text, span!.start))}`,
  )
  const shown = (found: readonly Diagnostic[]) =>
    new Set(found.map(({ code, range: at }) => `${code} ${JSON.stringify(at.start)}`))
  await client.diagnostics('edited.alloy', (found) => wanted.every((each) => shown(found).has(each)))
}
