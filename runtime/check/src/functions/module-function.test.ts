import type { LiveExports } from '@ingot/graph'
import { isSecret, makeOptionalSecret, openSecret, type Value } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { maskImport, type MaskOptions } from '../../testdata/functions.ts'
import { checkText } from '../testing/check-text.ts'

const head = 'import.module "mask" {\n  module = "@acme/mask"\n  version = "^1.0.0"\n}\n'

function check(text: string, mask: MaskOptions = {}, live?: LiveExports) {
  const imports = new Map([['import.module.mask', maskImport(mask)]])
  const checked = checkText('main.alloy', head + text, { imports, ...(live && { live }) })
  const valueOf = (id: string, name: string): Value | undefined =>
    checked.evaluation.results.get(id)!.block.attributes.find((each) => each.name === name)?.value
  return { ...checked, valueOf }
}

/** Answers that come after they have been asked for, as those of a collector do. */
function answers(say: (name: string, args: readonly unknown[]) => unknown) {
  const asked: string[] = []
  const known = new Map<string, { value: unknown }>()
  let open = new Map<string, { value: unknown }>()
  return {
    asked,
    ask: (name: string, args: readonly unknown[]) => {
      const key = JSON.stringify([name, args])
      if (!known.has(key) && !open.has(key)) {
        asked.push(key)
        open.set(key, { value: say(name, args) })
      }
      return known.get(key)
    },
    arrive: () => {
      for (const [key, answer] of open) known.set(key, answer)
      open = new Map()
    },
  }
}

describe('a call of a module’s function', () => {
  test('is asked for once its arguments are known, inner calls first, independent ones together', () => {
    const { asked, ask, arrive } = answers((name, args) => `${name}:${args.join('+')}`)
    const { evaluation, valueOf } = check(
      'prometheus.scrape "a" {\n  targets = []\n  forward_to = []\n  scheme = mask.join(mask.join("a"), mask.join("b"))\n}\ndiscovery.relabel "b" {\n  targets = [{a = mask.endpoint("eu", 3)}]\n}',
      { ask },
    )
    expect(asked).toEqual(['["join",["a"]]', '["join",["b"]]', '["endpoint",["eu",3]]'])
    expect(evaluation.results.get('prometheus.scrape.a')!.status).toBe('waiting')
    arrive()
    expect(evaluation.reevaluateAnswered().map(({ id, status }) => [id, status])).toEqual([
      ['prometheus.scrape.a', 'waiting'],
      ['discovery.relabel.b', 'ok'],
    ])
    expect(asked.at(-1)).toBe('["join",["join:a","join:b"]]')
    arrive()
    expect(evaluation.reevaluateAnswered().map(({ id }) => id)).toEqual(['prometheus.scrape.a'])
    expect(valueOf('prometheus.scrape.a', 'scheme')).toBe('join:join:a+join:b')
    expect([evaluation.asks, evaluation.reevaluateAnswered()]).toEqual([false, []])
  })

  test('is not made while its arguments are what a component shows before it has exported anything', () => {
    const { asked, ask } = answers(() => [])
    check('discovery.relabel "x" {\n  targets = []\n}\nprometheus.scrape "a" {\n  targets = mask.relabel_all(discovery.relabel.x.output)\n  forward_to = []\n}', { ask }) // prettier-ignore
    expect(asked).toEqual([])
  })

  test('reaches what depends on it through arguments and exports of custom components', () => {
    const { ask, arrive } = answers(() => 'https')
    const { evaluation, valueOf } = check(
      'declare "d" {\n  argument "s" { }\n  export "s" {\n    value = argument.s.value\n  }\n}\nd "i" {\n  s = mask.join("a")\n}\nprometheus.scrape "a" {\n  targets = []\n  forward_to = []\n  scheme = d.i.s\n}',
      { ask },
    )
    arrive()
    evaluation.reevaluateAnswered()
    expect(valueOf('prometheus.scrape.a', 'scheme')).toBe('https')
    expect(evaluation.results.get('prometheus.scrape.a')!.status).toBe('ok')
  })

  test('fails at its place with what the function said', () => {
    const { printed } = check('prometheus.scrape "a" {\n  targets = []\n  forward_to = []\n  scheme = mask.endpoint("eu", 3)\n}', {
      ask: () => ({ error: 'shard: no such shard', argument: 1 }),
    }) // prettier-ignore
    expect(printed).toContain(
      'main.alloy:8:32: error[function-failed]: Cannot call mask.endpoint: shard: no such shard',
    )
  })

  test.each([
    ['a list', { value: [3] }, /its result: found array, want string/],
    ['an object of hostile shape', { value: { toString: 1, valueOf: 2 } }, /its result: found object, want string/],
  ])('is not believed when it answers with %s', (_, outcome, message) => {
    const { printed } = check('prometheus.scrape "a" {\n  targets = []\n  forward_to = []\n  scheme = mask.join("a")\n}', { ask: () => outcome }) // prettier-ignore
    expect(printed).toMatch(message)
  })

  test('takes a secret only where it asks for one and the module is trusted, and gives a secret', () => {
    const text = (key: string) =>
      `prometheus.scrape "a" {\n  targets = []\n  forward_to = []\n  basic_auth {\n    password = ${key}\n  }\n}\nlocal.file "k" {\n  filename = "/k"\n}`
    const file = (secret: boolean) => ({
      exports: (id: string) => (id === 'local.file.k' ? { content: makeOptionalSecret('k3y', secret) } : undefined),
    })
    const asked: unknown[] = []
    const ask = (_: string, args: readonly unknown[]) => {
      asked.push(args)
      return { value: `signed ${String(args[0])}` }
    }
    const signed = (trusted: boolean, key: string, live: LiveExports) => {
      const { evaluation, printed } = check(text(key), { trusted, ask }, live)
      const { value } = evaluation.results.get('prometheus.scrape.a')!.block.blocks[0]!.attributes[0]!
      return { printed, text: value !== undefined && isSecret(value) ? openSecret(value)!.text : undefined }
    }
    expect(signed(true, 'mask.sign(local.file.k.content)', file(true)).text).toBe('signed k3y')
    expect(signed(false, 'mask.sign(local.file.k.content)', file(false)).text).toBe('signed k3y')
    asked.length = 0
    const refused = signed(false, 'mask.sign(local.file.k.content)', file(true))
    expect(refused.printed).toContain('error[secret-argument]: Cannot call mask.sign')
    expect(signed(true, 'mask.join(local.file.k.content)', file(true)).printed).toContain(
      'secrets may not be converted into strings',
    )
    expect(asked).toEqual([])
  })
})
