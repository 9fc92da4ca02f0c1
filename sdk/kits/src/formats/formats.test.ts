import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFormat, formatNames } from './index.ts'

describe('checkFormat()', () => {
  test.each<[(typeof formatNames)[number], string, string]>([
    ['regexp', 'a(?=b)', '(?='],
    ['url', 'http://a:port/x', 'port'],
    ['url', 'http://a/%zz', '%zz'],
    ['url', 'http://[::1/x', '['],
    ['url', '10.0.0.1:80/x', ':'],
    ['http_url', 'ftp://a/x', 'ftp'],
    ['http_url', 'localhost:9090', 'localhost:9090'],
    ['http_url', 'http:///x', '/'],
    ['label_name', 'my-label', '-'],
    ['label_name', '1st', '1'],
    ['utf8_label_name', '', ''],
    ['time_zone', 'Europe/Nowhere', 'Europe/Nowhere'],
    ['time_layout', '%Y-%m-%d', '%Y-%m-%d'],
    ['jmespath', 'a..b', '.'],
    ['jmespath', 'a b', 'b'],
    ['jmespath', 'a.#', '#'],
    ['jmespath', 'length(a', ''],
    ['selector', '{a="b"} | json', '|'],
    ['go_template', '{{ .a | }}', '}}'],
  ])('%s: says where %s goes wrong: at %j', (name, text, part) => {
    const mistake = checkFormat(name, text)
    expect(text.slice(mistake?.start, mistake?.end)).toBe(part)
  })

  test.each<[(typeof formatNames)[number], string]>([
    ['regexp', ''],
    ['url', ''],
    ['url', 'localhost:9090'],
    ['url', '/relative?x=%zz'],
    ['http_url', 'https://user:pass@[::1]:9090/api?x#y'],
    ['http_url', 'http://ex_ample:80'],
    ['label_name', '_a1'],
    ['utf8_label_name', 'my.label'],
    ['time_zone', 'Europe/Berlin'],
    ['time_layout', 'RFC3339Nano'],
    ['time_layout', '02/Jan/2006:15:04:05 -0700'],
    ['time_zone', ''],
    ['jmespath', 'a.b[?c==`1`].{d: e} | [0]'],
    ['selector', '{app=~"a|b", env!="dev"} |= "x" !~ `y\\d`'],
    ['go_template', '{{ .Value }}'],
  ])('%s: takes %s', (name, text) => expect(checkFormat(name, text)).toBeUndefined())

  test("doubts a layout of another tool, and has it in Go's way", () => {
    expect(checkFormat('time_layout', 'yyyy-MM-dd HH:mm:ss.SSS')).toMatchObject({
      doubtful: true,
      advice: 'write "2006-01-02 15:04:05.000"',
    })
  })

  test.each(formatNames)('%s: judges any text, at a place inside of it', (name) => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'{}[]()|.,:/@%#$"`\\=~!<>*+?-_ a1é'.split('')) }),
    )
    fc.assert(
      fc.property(text, (each) => {
        const { start = 0, end = 0 } = checkFormat(name, each) ?? {}
        expect(start >= 0 && start <= end && end <= each.length).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
