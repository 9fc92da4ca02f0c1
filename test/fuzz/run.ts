/**
 * `npm run fuzz -- [language|editor] [--inputs n] [--seed n]`: random input for a long time. `language` sends texts and
 * bytes through scanner, parser, printer and checker, `editor` edits configurations in a language server. What fails is
 * told with its seed; a failing text is made short, kept in `testdata/`, and tried again by every `npm test`.
 */
import { parseArgs } from 'node:util'
import { editAtRandom } from './editor.ts'
import { fuzzLanguage } from './language/fuzz-language.ts'
import { keepSeed } from './language/seeds.ts'

const progressEveryMs = 5_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { inputs: { type: 'string' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`
const programs: Readonly<Record<string, () => Promise<void>>> = { language, editor }
const [name = 'language'] = positionals
const program = programs[name]
if (!program) throw new Error(`Cannot fuzz "${name}": want ${Object.keys(programs).join(' or ')}`)
await program()

async function language(): Promise<void> {
  const inputs = Number(values.inputs ?? 1_000_000)
  const start = performance.now()
  const seconds = (): string => ((performance.now() - start) / 1000).toFixed(0)
  let told = start
  say(`${inputs} inputs, seed ${seed}`)
  const progress = (done: number, rss: number): void => {
    if (performance.now() - told < progressEveryMs) return
    told = performance.now()
    say(`${done} inputs in ${seconds()} s, ${megabytes(rss)}`)
  }
  const { tally, failure, rssBytesMax } = await fuzzLanguage({ inputs, seed, progress })
  for (const [kind, counts] of Object.entries(tally)) {
    say(`${kind}: ${counts.inputs} inputs, ${counts.wellFormed} of them without mistakes of grammar`)
  }
  const cpu = process.cpuUsage()
  say(
    `${seconds()} s, ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s of the processor, at most ${megabytes(rssBytesMax)}`,
  )
  if (!failure) return say('nothing failed')
  say(`input ${failure.index} of seed ${seed} (${failure.kind}) failed: ${failure.stack}`)
  say(`kept as ${keepSeed(failure.minimized)}:\n${JSON.stringify(failure.minimized)}`)
  process.exitCode = 1
}

async function editor(): Promise<void> {
  const edits = Number(values.inputs ?? 100_000)
  say(`${edits} edits, seed ${seed}`)
  await editAtRandom({ edits, seed })
  say('every answer came')
}
