/**
 * Milliseconds that an editor waits for `ingot lsp`, at 10,000 components in 50 files: each round types a letter into one
 * file and asks at once, so that the answer includes taking the change in and reading that file again.
 * `node test/bench/micro/editor.ts [components] [files] [rounds]`. The last line is what a check of everything takes, from
 * the change to its diagnostics.
 */
import {
  CompletionRequest,
  type CompletionList,
  DefinitionRequest,
  HoverRequest,
  ReferencesRequest,
} from 'vscode-languageserver-protocol/node'
import { EditorClient } from '../../servers/editor-client.ts'

const components = Number(process.argv[2] ?? 10_000)
const fileCount = Number(process.argv[3] ?? 50)
const rounds = Number(process.argv[4] ?? 100)
const pipelinesPerFile = Math.ceil(components / fileCount / 5)

/** Five components of a usual pipeline. */
function pipeline(id: string): string {
  return `prometheus.scrape "s_${id}" {
	targets         = [{__address__ = "10.0.0.1:9100", job = "j_${id}"}]
	forward_to      = [prometheus.relabel.r_${id}.receiver]
	scrape_interval = "30s"
}

prometheus.relabel "r_${id}" {
	forward_to = [prometheus.remote_write.w_${id}.receiver]

	rule {
		source_labels = ["job"]
		regex         = "a_.*"
		action        = "drop"
	}
}

prometheus.remote_write "w_${id}" {
	endpoint {
		url = "http://127.0.0.1:9/${id}"
	}
}

loki.process "p_${id}" {
	forward_to = [loki.write.l_${id}.receiver]

	stage.static_labels {
		values = {id = "${id}"}
	}
}

loki.write "l_${id}" {
	endpoint {
		url = "http://127.0.0.1:9/${id}"
	}
}
`
}

const files = Object.fromEntries(
  Array.from({ length: fileCount }, (_, file) => {
    const pipelines = Array.from({ length: pipelinesPerFile }, (__, index) => pipeline(`${file}_${index}`))
    return [`f${String(file).padStart(3, '0')}.alloy`, pipelines.join('\n')]
  }),
)
const name = Object.keys(files)[fileCount >> 1]!
const client = await EditorClient.start(files)
await client.open(name)
await client.diagnostics(name, () => true)

const cases: readonly {
  readonly what: string
  readonly before: string
  readonly letters: string
  readonly after: string
}[] = [
  {
    what: 'completion of receivers',
    before: '\nloki.process "typed" {\n\tforward_to = [',
    letters: 'loki.wr',
    after: ']\n}\n',
  },
  { what: 'completion of components', before: '\n', letters: 'prometheus.scr', after: '\n' },
  {
    what: 'completion of arguments',
    before: '\nprometheus.scrape "typed" {\n\t',
    letters: 'scrape_in',
    after: '\n}\n',
  },
  { what: 'completion of values', before: '\nlocal.file "typed" {\n\tfilename = ', letters: 'loki', after: '\n}\n' },
]
const text = client.text(name)
const began = performance.now()
await client.connection.sendRequest(CompletionRequest.type, client.at(name, 'prometheus.scr|'))
report('first completion', [performance.now() - began])
for (const { what, before, letters, after } of cases) {
  await client.replace(name, text + before + after)
  const start = text.length + before.length
  const times: number[] = []
  let items = 0
  const busy = client.mainThreadMs()
  while (times.length < rounds) {
    for (let typed = 0; typed < letters.length && times.length < rounds; typed++) {
      const position = place(start + typed)
      const began = performance.now()
      await client.edit(name, { start: position, end: position }, letters[typed]!)
      const list = (await client.connection.sendRequest(CompletionRequest.type, {
        textDocument: { uri: client.uri(name) },
        position: { ...position, character: position.character + 1 },
      })) as CompletionList
      times.push(performance.now() - began)
      items = list.items.length
    }
    await client.replace(name, text + before + after)
  }
  report(`${what} (${items} at last)`, times, (client.mainThreadMs() - busy) / rounds)
}
await client.replace(name, text)
const at = client.at(name, 'relabel.r_25_|')
await measure('hover', () => client.connection.sendRequest(HoverRequest.type, at))
await measure('definition', () => client.connection.sendRequest(DefinitionRequest.type, at))
await measure('references', () =>
  client.connection.sendRequest(ReferencesRequest.type, { ...at, context: { includeDeclaration: true } }),
)

const checks: number[] = []
for (let round = 0; round < 5; round++) {
  const began = performance.now()
  await client.replace(name, `${text}\nloki.echo "typed_${round}" {\n\twrong_${round} = 1\n}\n`)
  await client.diagnostics(name, (found) => found.some(({ message }) => String(message).includes(`wrong_${round}`)))
  checks.push(performance.now() - began)
}
report('edit to diagnostics', checks)
await client.stop()

async function measure(what: string, ask: () => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    await ask()
    times.push(performance.now() - began)
  }
  report(what, times)
}

function place(offset: number): { readonly line: number; readonly character: number } {
  const lines = client.text(name).slice(0, offset).split('\n')
  return { line: lines.length - 1, character: lines.at(-1)!.length }
}

/** @param cpu milliseconds of the server's own thread for each */
function report(what: string, times: readonly number[], cpu?: number): void {
  const sorted = times.toSorted((a, b) => a - b)
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!.toFixed(1)
  const used = cpu === undefined ? '' : `  CPU ${cpu.toFixed(1)} ms`
  process.stdout.write(`${what.padEnd(44)} p50 ${quantile(0.5)} ms  p99 ${quantile(0.99)} ms${used}\n`)
}
