import { pick, type Random } from '../random.ts'

/** Deeper than configurations are; the parser's own bound is for texts that repeat a piece. */
const depthMax = 5

const names = [
  'a',
  'b',
  'targets',
  'forward_to',
  'value',
  'url',
  'übung',
  '_',
  'optional',
  'default',
  'argument',
  'content',
]
const heads = [
  'local.file', 'prometheus.scrape', 'prometheus.remote_write', 'prometheus.relabel', 'loki.process', 'loki.write',
  'discovery.relabel', 'otelcol.processor.batch', 'declare', 'argument', 'export', 'import.string', 'foreach', 'logging',
  'http', 'endpoint', 'stage.json', 'stage.match', 'rule', 'template', 'output', 'unknown.thing', 'a', 'a.b', 'custom',
] // oxfmt-ignore
const literals = [
  'null', 'true', 'false', '0', '1', '010', '08', '1.5', '.5', '1.', '2e3', '9223372036854775807', '18446744073709551615',
  '18446744073709551616', '""', '"a b"', '"\\n\\"\\\\\\u00e9\\x41\\101"', '"日本"', '`raw`', '`two\n\tlines\\`', '"30s"', '"1MiB"',
] // oxfmt-ignore
const chains = [
  'a', 'module_path', 'argument.a.value', 'local.file.a.content', 'prometheus.remote_write.b.receiver', 'custom.a.value',
  'sys.env', 'string.format', 'string.join', 'string.trim', 'encoding.from_json', 'encoding.from_yaml', 'encoding.to_json',
  'array.concat', 'array.combine_maps', 'array.group_by', 'convert.nonsensitive', 'coalesce', 'json_path', 'constants.os',
  'file.path_join', 'env', 'concat', 'loki.write.a.receiver',
] // oxfmt-ignore
const operators = ['||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^']
const gaps = ['', '', '', ' ', '  ', '\t', ' /* c */ ']
const lines = ['', '', ' ', '\n', '\r\n', '\n\n\n\t', ' // line\n', '\n// own\n', ' /* a\n b */ ']
const ends = ['\n', '\n', '\n\n', '\r\n', ' // end\n', '\n\n// own\n\n', '\n/* x */ ']

/** A configuration as the grammar has it, in any layout: names and labels are those that components have. */
export function grammarText(random: Random): string {
  let text = pick(random, lines)
  for (let left = random(5); left >= 0; left--) text += block(random, 0) + pick(random, ends)
  return text
}

function block(random: Random, depth: number): string {
  const label = pick(random, ['', ' "a"', ' "b"', ' ""', ' "übung"'])
  let body = pick(random, lines)
  for (let left = random(4); left > 0; left--) {
    const statement = depth < depthMax && random(3) === 0 ? block(random, depth + 1) : attribute(random, depth)
    body += statement + pick(random, ends)
  }
  return `${pick(random, heads)}${label}${pick(random, gaps)}{${body}}`
}

function attribute(random: Random, depth: number): string {
  return `${pick(random, names)}${pick(random, gaps)}=${pick(random, lines)}${expression(random, depth)}`
}

function expression(random: Random, depth: number): string {
  if (depth >= depthMax || random(3) === 0) return random(2) === 0 ? pick(random, literals) : pick(random, chains)
  const inner = (): string => expression(random, depth + 1)
  switch (random(8)) {
    case 0:
      return list(random, '[', inner, ']')
    case 1:
      return list(
        random,
        '{',
        () => `${pick(random, [...names, '"quoted key"', '""'])}${pick(random, gaps)}=${inner()}`,
        '}',
      )
    case 2:
      return `${pick(random, chains)}${list(random, '(', inner, ')')}`
    case 3:
      return `${pick(random, ['-', '!'])}${inner()}`
    case 4:
      return `(${inner()}${pick(random, gaps)})`
    case 5:
      return `${pick(random, chains)}[${inner()}]`
    case 6:
      return `(${inner()}).${pick(random, names)}`
    default:
      return `${inner()} ${pick(random, operators)}${pick(random, lines)} ${inner()}`
  }
}

function list(random: Random, open: string, item: () => string, close: string): string {
  const items = Array.from({ length: random(4) }, item)
  const end = pick(random, lines)
  const comma = items.length > 0 && end.includes('\n') ? ',' : ''
  return open + items.join(`,${pick(random, lines)}`) + comma + end + close
}
