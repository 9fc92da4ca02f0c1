import { setTimeout } from 'node:timers/promises'
import { type CompletionList, CompletionRequest } from 'vscode-languageserver-protocol/node'
import { EditorClient, positionAt } from '../../servers/editor-client.ts'

/** How long an editor waits for `ingot lsp`, in milliseconds. */
export interface TypingTimes {
  readonly first: number
  /** One letter right after the other. */
  readonly fast: readonly number[]
  /** CPU of the thread that answers, for each of these letters. */
  readonly fastCpu: number
  /** With a pause in front of each letter that is long enough for a check to be under way. */
  readonly slow: readonly number[]
  /** From an edit to the diagnostics that it brings. */
  readonly diagnostics: readonly number[]
  readonly peakRssMiB: number
}

interface Typed {
  readonly before: string
  readonly letters: string
  readonly after: string
  /** What has to be proposed at last. */
  readonly proposed: string
}

const snippets: readonly Typed[] = [
  { before: '', letters: 'prometheus.scr', after: '\n', proposed: 'prometheus.scrape' },
  { before: '', letters: 'service_m', after: '\n', proposed: 'service_metrics' },
  { before: 'prometheus.scrape "typed" {\n\t', letters: 'scrape_in', after: '\n}\n', proposed: 'scrape_interval' },
  {
    before: 'loki.process "typed" {\n\tforward_to = [',
    letters: 'loki.write.t',
    after: ']\n}\n',
    proposed: 'loki.write.team_0.receiver',
  },
  {
    before: 'loki.write "typed" {\n\tendpoint {\n\t\ttls_config {\n\t\t\tmin_version = "',
    letters: 'TLS1',
    after: '"\n\t\t}\n\t}\n}\n',
    proposed: 'TLS13',
  },
  {
    before: 'declare "typed" {\n\targument "targets" { }\n\n\tprometheus.scrape "own" {\n\t\ttargets = ',
    letters: 'argument.t',
    after: '\n\t}\n}\n',
    proposed: 'argument.targets.value',
  },
]

/** Longer than typing rests before a check begins, and shorter than a check. */
const slowMs = 250

/** Types into files of a folder, each snippet somewhere else, and asks for completion right after each letter. */
export async function measureTyping(files: Readonly<Record<string, string>>): Promise<TypingTimes> {
  const client = await EditorClient.start(files)
  try {
    const names = Object.keys(files).filter((name) => name.startsWith('team-'))
    for (const name of names.slice(0, snippets.length)) await client.open(name)
    const began = performance.now()
    await completion(client, names[0]!, 0)
    const first = performance.now() - began
    await client.diagnostics(names[0]!, () => true)
    // The letters of the first round are answered by code that is not compiled yet, as on a user's first day; they count.
    const fast: number[] = []
    const busy = client.mainThreadMs()
    for (let round = 0; round < 5; round++) fast.push(...(await typeAll(client, names, round, 0)))
    const fastCpu = (client.mainThreadMs() - busy) / fast.length
    const slow = await typeAll(client, names, 5, slowMs)
    const diagnostics = await untilDiagnosed(client, names[0]!)
    return { first, fast, fastCpu, slow, diagnostics, peakRssMiB: client.peakRssMiB() }
  } finally {
    await client.stop()
  }
}

async function typeAll(
  client: EditorClient,
  names: readonly string[],
  round: number,
  pauseMs: number,
): Promise<number[]> {
  const times: number[] = []
  for (const [index, snippet] of snippets.entries()) {
    times.push(...(await typeOne(client, names[(index + round) % snippets.length]!, snippet, (round + 1) / 7, pauseMs)))
  }
  return times
}

/** @param at where in the file, from 0 to 1 */
async function typeOne(
  client: EditorClient,
  name: string,
  { before, letters, after, proposed }: Typed,
  at: number,
  pauseMs: number,
): Promise<number[]> {
  const text = client.text(name)
  const place = text.indexOf('\n}\n', Math.floor(text.length * at)) + 3
  await client.replace(name, `${text.slice(0, place)}\n${before}${after}${text.slice(place)}`)
  const times: number[] = []
  let list: CompletionList | undefined
  for (let typed = 0; typed < letters.length; typed++) {
    if (pauseMs > 0) await setTimeout(pauseMs)
    const offset = place + 1 + before.length + typed
    const position = positionAt(client.text(name), offset)
    const began = performance.now()
    await client.edit(name, { start: position, end: position }, letters[typed]!)
    list = await completion(client, name, offset + 1)
    times.push(performance.now() - began)
  }
  if (!list?.items.some(({ label }) => label === proposed)) throw new Error(`"${proposed}" is not proposed`)
  await client.replace(name, text)
  return times
}

async function completion(client: EditorClient, name: string, offset: number): Promise<CompletionList> {
  const position = positionAt(client.text(name), offset)
  const textDocument = { uri: client.uri(name) }
  return (await client.connection.sendRequest(CompletionRequest.type, { textDocument, position })) as CompletionList
}

async function untilDiagnosed(client: EditorClient, name: string): Promise<number[]> {
  const times: number[] = []
  const text = client.text(name)
  for (let round = 0; round < 7; round++) {
    const began = performance.now()
    await client.replace(name, `${text}\nloki.write "wrong_${round}" {\n\twrong_${round} = 1\n}\n`)
    await client.diagnostics(name, (found) => found.some(({ message }) => String(message).includes(`wrong_${round}`)))
    times.push(performance.now() - began)
  }
  return times
}
