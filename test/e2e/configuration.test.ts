import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Receiver } from '../peers/receiver.ts'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'

interface Value {
  readonly type: string
  readonly value: unknown
}
interface Attribute {
  readonly name: string
  readonly value: Value
}

/** A value of the API as plain data. */
function plain({ type, value }: Value): unknown {
  if (type === 'array') return (value as Value[]).map(plain)
  if (type !== 'object') return value
  return Object.fromEntries((value as { key: string; value: Value }[]).map((field) => [field.key, plain(field.value)]))
}

async function argument(collector: Collector, id: string, name: string): Promise<unknown> {
  const response = await collector.get(`/api/v0/web/components/${id}`)
  if (response.status !== 200) return undefined
  const { arguments: body } = (await response.json()) as { arguments: readonly Attribute[] }
  const found = body.find((attribute) => attribute.name === name)
  return found && plain(found.value)
}

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-configuration-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function started(options: Parameters<typeof Collector.start>[0]): Promise<Collector> {
  const collector = await Collector.start(options)
  onTestFinished(() => collector.stop())
  return collector
}

/** As configuration management writes files: whole, under another name, then put in place. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

/** Shows values without doing anything with them. */
const show = (label: string, expression: string): string =>
  `discovery.relabel "${label}" { targets = [{ shown = ${expression} }] }`
const shown = async (collector: Collector, id: string): Promise<unknown> =>
  ((await argument(collector, id, 'targets')) as [{ shown: unknown }] | undefined)?.[0].shown

/** The lines of the log that say what a load did. */
const loads = (collector: Collector): string[] =>
  [...collector.process.output.matchAll(/ result="([^"]*)"/g)].map(([, text]) => text!)

/** A component shows its new arguments before the line about its load is written. */
const loaded = (collector: Collector, result: string): Promise<void> =>
  until(() => loads(collector).at(-1) === result, `the log to say "${result}"`)

describe('a configuration', { timeout: 60_000 }, () => {
  test('is made of all files of a folder, by name, and of nothing else in it', async () => {
    const dir = temporary()
    const folder = join(dir, 'conf.d')
    mkdirSync(join(folder, 'inner'), { recursive: true })
    writeFileSync(join(folder, '10-values.alloy'), 'local.file "name" { filename = module_path + "/name" }')
    writeFileSync(join(folder, '20-use.alloy'), show('a', 'local.file.name.content'))
    writeFileSync(join(folder, 'notes.txt'), 'not a configuration')
    writeFileSync(join(folder, 'inner', 'more.alloy'), 'nor { this')
    writeFileSync(join(folder, 'name'), 'ada')
    const collector = await started({ config: '', dir, path: folder })
    expect(await shown(collector, 'discovery.relabel.a')).toBe('ada')

    writeFileSync(join(folder, '30-more.alloy'), show('b', '"second " + local.file.name.content'))
    expect(await collector.reload()).toMatchObject({
      status: 200,
      text: expect.stringContaining('1 started') as string,
    })
    expect(await shown(collector, 'discovery.relabel.b')).toBe('second ada')
    writeFileSync(join(folder, '40-wrong.alloy'), show('b', '"again"'))
    const { status, text } = await collector.reload()
    expect(status).toBe(400)
    expect(text).toMatch(/40-wrong\.alloy:1:1: error\[duplicate-block\]/)
  })

  test('is evaluated with the standard library', async () => {
    const dir = temporary()
    writeFileSync(join(dir, 'config.json'), '{"servers": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]}')
    const expressions: readonly (readonly [string, string, string])[] = [
      ['env', 'sys.env("INGOT_TEST_NAME")', 'ada'],
      ['unset', 'sys.env("INGOT_TEST_UNSET") + "|"', '|'],
      ['format', 'string.format("%s-%d-%.1f-%q", "a", 3, 1.25, "b")', 'a-3-1.2-"b"'],
      ['concat', 'string.join(array.concat(["a"], ["b", "c"], []), ",")', 'a,b,c'],
      ['json', 'encoding.from_json(local.file.json.content).servers[1].name', 'b'],
      ['path', 'json_path(local.file.json.content, ".servers[?(@.port == 1)].name")[0]', 'a'],
      ['arithmetic', 'string.format("%d", (2 + 3) * 4 % 7)', '6'],
      ['logic', 'string.format("%t", 1 < 2 && !("a" == "b"))', 'true'],
      ['lookup', '{ "x y" = "found" }["x y"]', 'found'],
      ['coalesce', 'coalesce("", "first", "second")', 'first'],
      ['raw', '`a\\d+`', 'a\\d+'],
    ]
    const collector = await started({
      dir,
      config: [
        `local.file "json" { filename = "${dir}/config.json" }`,
        ...expressions.map(([name, expression]) => show(name, expression)),
      ].join('\n'),
      env: { INGOT_TEST_NAME: 'ada' },
    })
    const found = await Promise.all(
      expressions.map(async ([name]) => [name, await shown(collector, `discovery.relabel.${name}`)]),
    )
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expressions.map(([name, , value]) => [name, value])))
  })

  test('follows what components export, through declares, without a reload', async () => {
    const dir = temporary()
    const file = join(dir, 'value')
    writeFileSync(file, 'one')
    const collector = await started({
      dir,
      config: `
        declare "outer" {
          argument "text" { }
          argument "suffix" {
            optional = true
            default  = "!"
          }
          declare "inner" {
            argument "text" { }
            ${show('deep', 'argument.text.value')}
            export "loud" { value = string.to_upper(argument.text.value) }
          }
          inner "i" { text = argument.text.value }
          export "both" { value = inner.i.loud + argument.suffix.value }
        }
        local.file "value" { filename = "${file}" }
        outer "a" { text = local.file.value.content }
        outer "b" {
          text   = "fixed"
          suffix = "?"
        }
        ${show('a', 'outer.a.both')}
        ${show('b', 'outer.b.both')}`,
    })
    expect(await shown(collector, 'discovery.relabel.a')).toBe('ONE!')
    expect(await shown(collector, 'discovery.relabel.b')).toBe('FIXED?')
    expect(await shown(collector, 'outer.a/inner.i/discovery.relabel.deep')).toBe('one')
    const before = loads(collector).length

    replaceFile(file, 'two')
    await until(async () => (await shown(collector, 'discovery.relabel.a')) === 'TWO!', 'the new value at the end')
    expect(await shown(collector, 'outer.a/inner.i/discovery.relabel.deep')).toBe('two')
    expect(await shown(collector, 'discovery.relabel.b')).toBe('FIXED?')
    expect(loads(collector)).toHaveLength(before)
  })

  test('keeps what runs when an exported value makes no sense, and goes on when it does', async () => {
    const dir = temporary()
    const file = join(dir, 'value')
    writeFileSync(file, '{"name": "ada"}')
    const collector = await started({
      dir,
      config: `
        local.file "value" { filename = "${file}" }
        ${show('a', 'encoding.from_json(local.file.value.content).name')}`,
    })
    const health = async (): Promise<string | undefined> => (await collector.component('discovery.relabel.a'))?.health
    replaceFile(file, 'not JSON')
    await until(async () => (await health()) === 'unhealthy', 'the component to be unhealthy')
    expect((await collector.component('discovery.relabel.a'))!.message).toMatch(/^component evaluation failed: /)
    replaceFile(file, '{"name": "grace"}')
    await until(async () => (await health()) === 'healthy', 'the component to be healthy again')
    expect(await shown(collector, 'discovery.relabel.a')).toBe('grace')
  })

  test('is reloaded by SIGHUP, and what did not change goes on', async () => {
    const dir = temporary()
    const config = (text: string): string => `${show('a', `"${text}"`)}\n${show('b', '"same"')}`
    const collector = await started({ dir, config: config('one') })
    const startedAt = (await collector.component('discovery.relabel.b'))!
    collector.writeConfig(config('two'))
    collector.process.child.kill('SIGHUP')
    await until(async () => (await shown(collector, 'discovery.relabel.a')) === 'two', 'the new value')
    await loaded(collector, '1 updated, 0 started, 0 stopped, 1 untouched')
    expect(await collector.component('discovery.relabel.b')).toEqual(startedAt)

    collector.writeConfig(config('three').replace('"same"', 'nobody.here.content'))
    collector.process.child.kill('SIGHUP')
    await until(() => collector.process.output.includes('nothing has changed'), 'the refusal in the log')
    expect(collector.process.output).toMatch(/level=error msg=".*nobody.*" code=missing-reference at=\S+:2:\d+/)
    expect(await shown(collector, 'discovery.relabel.a')).toBe('two')
    expect(await (await collector.get('/')).text()).toContain('What runs is the one before it')
  })

  test('says in the log what is deprecated in it, and runs', async () => {
    const collector = await started({ config: show('a', 'string.join([env("HOME")], "")') })
    expect(await shown(collector, 'discovery.relabel.a')).toBe(process.env['HOME'])
    expect(collector.process.output).toMatch(/level=warn msg=".*env.*" code=deprecated-function at=\S+:1:\d+/)
  })
})

const greet = (text: string): string => `
  declare "greet" {
    argument "name" { }
    export "text" { value = "${text} " + argument.name.value }
  }`

describe('an import', { timeout: 60_000 }, () => {
  test.for(['fsnotify', 'poll'] as const)(
    'of a file follows the file (%s), and keeps what runs when it breaks',
    async (detector) => {
      const dir = temporary()
      const file = join(dir, 'lib.alloy')
      writeFileSync(file, greet('hello'))
      const poll = detector === 'poll' ? 'poll_frequency = "200ms"' : ''
      const collector = await started({
        dir,
        config: `
        import.file "lib" {
          filename = "${file}"
          detector = "${detector}"
          ${poll}
        }
        lib.greet "ada" { name = "ada" }
        ${show('a', 'lib.greet.ada.text')}
        ${show('other', '"untouched"')}`,
      })
      expect(await shown(collector, 'discovery.relabel.a')).toBe('hello ada')

      replaceFile(file, greet('goodbye'))
      await until(async () => (await shown(collector, 'discovery.relabel.a')) === 'goodbye ada', 'the new text')
      await loaded(collector, '1 updated, 0 started, 0 stopped, 1 untouched')

      // The root is not read again for an import: this stays on disk until somebody reloads.
      collector.writeConfig('nor { this')
      replaceFile(file, 'declare "greet" { argument "name" {')
      await until(() => collector.process.output.includes('nothing has changed'), 'the broken file to be noticed')
      expect(collector.process.output).toMatch(/level=error msg=".*" code=unclosed-block at=\S*lib\.alloy:1:\d+/)
      expect(collector.process.output).not.toContain('config.alloy:1:')
      expect(await shown(collector, 'discovery.relabel.a')).toBe('goodbye ada')
      expect(await collector.metrics()).toMatch(/^alloy_config_last_load_successful 0$/m)

      replaceFile(file, greet('welcome'))
      await until(async () => (await shown(collector, 'discovery.relabel.a')) === 'welcome ada', 'the mended file')
      await until(
        async () => /^alloy_config_last_load_successful 1$/m.test(await collector.metrics()),
        'the load to be counted as successful',
      )
    },
  )

  test('of a folder takes in files that come and go', async () => {
    const dir = temporary()
    const folder = join(dir, 'lib')
    mkdirSync(folder)
    writeFileSync(join(folder, 'a.alloy'), greet('hello'))
    writeFileSync(join(folder, 'b.alloy'), 'declare "nothing" { }')
    const config = `
      import.file "lib" { filename = "${folder}" }
      lib.greet "ada" { name = "ada" }
      lib.nothing "n" { }
      ${show('a', 'lib.greet.ada.text')}`
    const collector = await started({ dir, config })
    expect(await shown(collector, 'discovery.relabel.a')).toBe('hello ada')
    const count = (): number => loads(collector).length
    const before = count()
    writeFileSync(join(folder, 'c.alloy'), 'declare "more" { }')
    await until(() => count() > before, 'the new file to be taken in')
    collector.writeConfig(`${config}\nlib.more "m" { }`)
    expect((await collector.reload()).status).toBe(200)
    rmSync(join(folder, 'c.alloy'))
    await until(() => collector.process.output.includes('nothing has changed'), 'the missing declare to be noticed')
    expect(await shown(collector, 'discovery.relabel.a')).toBe('hello ada')
  })

  test('brings imports of its own, and a path to find them by', async () => {
    const dir = temporary()
    mkdirSync(join(dir, 'lib'))
    writeFileSync(join(dir, 'lib', 'inner.alloy'), greet('hello'))
    writeFileSync(
      join(dir, 'lib', 'outer.alloy'),
      `import.file "inner" { filename = file.path_join(module_path, "inner.alloy") }
      declare "twice" {
        argument "name" { }
        inner.greet "one" { name = argument.name.value }
        export "text" { value = inner.greet.one.text + " and " + inner.greet.one.text }
      }`,
    )
    const collector = await started({
      dir,
      config: `
        import.file "lib" { filename = "${dir}/lib/outer.alloy" }
        lib.twice "ada" { name = "ada" }
        ${show('a', 'lib.twice.ada.text')}`,
    })
    expect(await shown(collector, 'discovery.relabel.a')).toBe('hello ada and hello ada')
    replaceFile(join(dir, 'lib', 'inner.alloy'), greet('hi'))
    await until(async () => (await shown(collector, 'discovery.relabel.a')) === 'hi ada and hi ada', 'the new text')
  })

  test('of a text follows the component that exports it', async () => {
    const dir = temporary()
    const file = join(dir, 'text')
    writeFileSync(file, greet('hello'))
    const collector = await started({
      dir,
      config: `
        import.string "fixed" { content = \`declare "thing" { export "text" { value = "fixed" } }\` }
        fixed.thing "t" { }
        local.file "text" { filename = "${file}" }
        import.string "live" { content = local.file.text.content }
        live.greet "ada" { name = "ada" }
        ${show('a', 'live.greet.ada.text')}
        ${show('t', 'fixed.thing.t.text')}`,
    })
    expect(await shown(collector, 'discovery.relabel.a')).toBe('hello ada')
    expect(await shown(collector, 'discovery.relabel.t')).toBe('fixed')
    replaceFile(file, greet('goodbye'))
    await until(async () => (await shown(collector, 'discovery.relabel.a')) === 'goodbye ada', 'the new text')
  })
})

describe('logging', { timeout: 60_000 }, () => {
  let receiver: Receiver
  let pushUrl: string
  const lines = (): string[] =>
    receiver
      .messages<{ streams: { labels: string; entries: { line: string }[] }[] }>('lokiPush')
      .flatMap(({ streams }) =>
        streams.flatMap(({ labels, entries }) => entries.map(({ line }) => `${labels} ${line}`)),
      )

  beforeAll(async () => {
    let failing = 2
    receiver = new Receiver({ status: () => (failing-- > 0 ? 500 : 200) })
    pushUrl = `http://${(await receiver.start()).http}/loki/api/v1/push`
    return () => receiver.stop()
  })

  test("write_to sends the collector's own lines, and never what their way says itself", async () => {
    const collector = await started({
      config: `
        logging {
          level    = "info"
          format   = "json"
          write_to = [loki.process.own.receiver]
        }
        loki.process "own" {
          forward_to = [loki.write.out.receiver]
          stage.static_labels { values = { host = "here" } }
        }
        loki.write "out" {
          endpoint {
            url                = "${pushUrl}"
            batch_wait         = "100ms"
            min_backoff_period = "100ms"
          }
        }`,
    })
    await collector.reload()
    await until(() => lines().filter((line) => line.includes('configuration loaded')).length >= 2, 'both loads')
    const [first] = lines()
    expect(first).toMatch(/^\{component="alloy", host="here"\} \{"ts":".*","level":"info","msg":"/)
    // The first pushes failed, and the sink said so where people look, but not to itself.
    expect(collector.process.output).toContain('could not be sent')
    expect(lines().filter((line) => line.includes('could not be sent'))).toEqual([])
    expect(await collector.metrics()).toMatch(/^ingot_own_log_lines_total\{fate="dropped"\} 0$/m)
  })
})
