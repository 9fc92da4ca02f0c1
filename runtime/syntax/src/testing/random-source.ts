/** Random configurations for property tests: valid ones, in every layout that the grammar allows. */
import * as fc from 'fast-check'

const names = ['a', 'b_1', 'targets', 'forward_to', 'übung', '日本', '_', 'x9']
const name = fc.constantFrom(...names)

/** What may stand between two tokens: a line may end only where `newline` allows it. */
function gap(newline: boolean): fc.Arbitrary<string> {
  const spaces = ['', ' ', '  ', '\t', ' /* c */ ', '/* ü */']
  const lines = ['\n', '\r\n', '\n\n\n\t', ' // line\n', '\n// own line\n', '\n\n/* two\n  lines */\n', ' /* a\n b */ ']
  return fc.constantFrom(...(newline ? [...spaces, ...lines] : spaces))
}

const literal = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '42', '010', '08', '1.5', '.5', '1.', '2e3', '18446744073709551615'),
  fc.constantFrom(
    '""',
    '"a b"',
    '"\\n\\"\\\\"',
    '"\\u00e9\\x41\\101"',
    '"日本"',
    '"a\rb"',
    '`raw`',
    '`two\n\tlines\\n`',
    '`a\r\nb`',
  ),
)

const binaryOperators = ['||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^']

function list(open: string, item: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> {
  const element = fc.tuple(gap(true), item, gap(false)).map((parts) => parts.join(''))
  return fc.tuple(fc.array(element, { maxLength: 4 }), fc.boolean(), gap(true)).map(([elements, trailing, end]) => {
    const comma = elements.length > 0 && (trailing || end.includes('\n')) ? ',' : ''
    return open + elements.join(',') + comma + end + close
  })
}

const key = fc.oneof(name, fc.constantFrom('"quoted key"', '""', '"a\\tb"', '"__address__"'))

const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; operand: string }>((tie) => {
  const any = tie('any')
  const operand = tie('operand')
  const field = fc.tuple(key, gap(false), gap(true), any).map(([k, a, b, v]) => `${k}${a}=${b}${v}`)
  return {
    operand: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 4, arbitrary: literal },
      { weight: 3, arbitrary: name },
      list('[', any, ']'),
      list('{', field, '}'),
      fc.tuple(gap(true), any, gap(false)).map(([a, inner, b]) => `(${a}${inner}${b})`),
      fc.tuple(operand, gap(false), gap(true), name).map(([object, a, b, member]) => `(${object})${a}.${b}${member}`),
      fc.tuple(name, gap(false), gap(true), any).map(([object, a, b, index]) => `${object}${a}[${b}${index}]`),
      fc.tuple(name, list('(', any, ')')).map(([callee, args]) => `${callee}.f${args}`),
    ),
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 3, arbitrary: operand },
      fc.tuple(fc.constantFrom('-', '!'), gap(true), operand).map((parts) => parts.join('')),
      fc
        .tuple(operand, gap(false), fc.constantFrom(...binaryOperators), gap(true), any)
        .map(([left, a, operator, b, right]) => `${left} ${a}${operator} ${b}${right}`),
    ),
  }
}).any

const end = fc.constantFrom(
  '\n',
  '\r\n',
  '\n\n',
  '\n\n\n',
  ' // end\n',
  ' /* end */\n',
  '\n// own\n',
  '\n\n// own\n\n',
  '\n/* x */ ',
)

const attribute = fc.tuple(name, gap(false), gap(true), expression).map(([n, a, b, value]) => `${n}${a}=${b}${value}`)

const block: fc.Arbitrary<string> = fc.letrec<{ block: string }>((tie) => {
  const statement = fc.oneof({ maxDepth: 3 }, { weight: 3, arbitrary: attribute }, tie('block'))
  const body = fc.array(fc.tuple(statement, end), { maxLength: 4 }).map((statements) => statements.flat().join(''))
  const label = fc.constantFrom('', ' "l"', ' "日本"', ' ""')
  const inner = fc.tuple(gap(false), gap(true), name).map(([a, b, part]) => `${a}.${b}${part}`)
  const dotted = fc.tuple(name, fc.array(inner, { maxLength: 2 })).map(([first, rest]) => first + rest.join(''))
  return {
    block: fc
      .tuple(dotted, label, gap(false), gap(true), body)
      .map(([head, l, a, b, statements]) => `${head}${l}${a}{${b}${statements}}`),
  }
}).block

export const configuration = fc
  .tuple(gap(true), fc.array(fc.tuple(fc.oneof(block, attribute), end), { maxLength: 5 }))
  .map(([start, statements]) => start + statements.flat().join(''))
