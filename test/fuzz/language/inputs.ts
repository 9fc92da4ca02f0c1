import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generator, pick, type Random } from '../random.ts'
import { grammarText } from './grammar.ts'

/** A text as an editor holds it, where half a character is possible, or the bytes of a file. */
export type Input = string | Uint8Array

export const kinds = ['bytes', 'tokens', 'grammar', 'mutated', 'repeated'] as const
export type Kind = (typeof kinds)[number]

const root = fileURLToPath(new URL('../../..', import.meta.url))
const bytesMax = 300
const tokensMax = 80
/** Of a text that repeats a piece: work that grows with the square of the text is noticed at this length. */
const repeatedCharactersMax = 60_000
/** One text in this many repeats a piece. */
const repeatedEvery = 400
/** What is mutated is cut to this: long files are like many short ones. */
const mutatedCharactersMax = 3_000

const tokens = [
  '{', '}', '[', ']', '(', ')', ',', '.', '=', '==', '!=', '<=', '>', '+', '-', '*', '/', '%', '!', '^', '&&', '||', '|', '&',
  '\n', '\r\n', '\r', '\t', ' ', '"', '`', "'", '//', '/*', '*/', '\\', '#', ';', ':', '?', '$', '\0', '\uFEFF', '\uD834', '\u2028',
  '☕', '𝄞', 'é', 'a', 'b.c', '"x"', '"\\x', '"\\u00', '`y`', '0', '1', '1.5e3', '1e', '0x1', '1_0', '007', '1e999', 'true', 'null',
  'a = ', 'declare "d" {', 'argument "a" { }\n', 'export "e" { value = argument.a.value }\n', 'd "x" { }\n', 'a = d.x.e\n',
  'import.string "i" { content = `', 'foreach "f" {\n', 'prometheus.scrape "s" {\n', 'sys.env("', '(((((((((', '[[[[[[[[[', '{a={a={a=',
] // oxfmt-ignore

let corpus: readonly string[] | undefined

/** All configurations of the repository, the broken ones too. */
function configurations(): readonly string[] {
  corpus ??= globSync(['{cli,docs,editors,examples,ingot,modules,registry-server,runtime,sdk,setup,test}/**/*.alloy'], {
    cwd: root,
    exclude: ['**/node_modules/**'],
  })
    .toSorted()
    .map((path) => readFileSync(join(root, path), 'utf8'))
  return corpus
}

/** The input of this number: the same for the same seed. */
export function inputOf(seed: number, index: number): { readonly kind: Kind; readonly input: Input } {
  const random = generator(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
  const kind =
    random(repeatedEvery) === 0
      ? 'repeated'
      : pick(random, ['bytes', 'tokens', 'grammar', 'mutated', 'mutated'] as const)
  return { kind, input: make[kind](random) }
}

const make: Readonly<Record<Kind, (random: Random) => Input>> = {
  bytes(random) {
    const marks = [[], [], [], [0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0xff, 0xfe, 0, 0], [0, 0, 0xfe, 0xff]]
    const printable = random(2) === 0
    const bytes = Array.from({ length: random(bytesMax) }, () => (printable ? 9 + random(118) : random(256)))
    return Uint8Array.from([...pick(random, marks), ...bytes])
  },
  tokens: (random) => Array.from({ length: random(tokensMax) }, () => pick(random, tokens)).join(''),
  grammar: grammarText,
  mutated: (random) => mutate(random, piece(random)),
  repeated(random) {
    const unit = random(2) === 0 ? pick(random, tokens) : piece(random).slice(0, 1 + random(200))
    const before = random(2) === 0 ? 'a { b = ' : ''
    return before + unit.repeat(Math.floor(repeatedCharactersMax / Math.max(1, unit.length)))
  },
}

/** A part of a real configuration that begins at a line. */
function piece(random: Random): string {
  const text = pick(random, configurations())
  if (text.length <= mutatedCharactersMax) return text
  const start = text.lastIndexOf('\n', random(text.length)) + 1
  return text.slice(start, start + mutatedCharactersMax)
}

function mutate(random: Random, whole: string): string {
  let text = random(8) === 0 ? whole.replaceAll('\n', '\r\n') : whole
  for (let left = random(6); left >= 0; left--) text = mutateOnce(random, text)
  return text
}

function mutateOnce(random: Random, text: string): string {
  const at = random(text.length + 1)
  const to = Math.min(text.length, at + random(30))
  switch (random(7)) {
    case 0:
      return text.slice(0, at) + text.slice(to)
    case 1:
      return text.slice(0, at) + text.slice(at, to).repeat(2) + text.slice(to)
    case 2:
      return text.slice(0, at)
    case 3: {
      const other = piece(random)
      const from = random(other.length + 1)
      return text.slice(0, at) + other.slice(from, from + random(200)) + text.slice(to)
    }
    case 4:
      return text.slice(0, at) + String.fromCharCode(random(0x10000)) + text.slice(at + 1)
    case 5:
      return text.slice(0, at) + grammarText(random) + text.slice(at)
    default:
      return text.slice(0, at) + pick(random, tokens) + text.slice(at)
  }
}
