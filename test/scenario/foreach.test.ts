import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import {
  arrivals,
  lokiWrite,
  LogWriter,
  startIngot,
  startReceiver,
  temporaryDir,
  untilArrived,
  untilBalanced,
  untilFlowing,
} from './log-pipeline.ts'

const flags = ['--stability.level=experimental']

interface Item {
  readonly name: string
  readonly path?: string
}

/** A list in a file that is put in place as configuration management does. */
class ItemList {
  readonly path: string

  constructor(dir: string) {
    this.path = join(dir, 'items.json')
  }

  set(items: readonly Item[]): void {
    this.write(JSON.stringify(items))
  }

  write(text: string): void {
    writeFileSync(`${this.path}.new`, text)
    renameSync(`${this.path}.new`, this.path)
  }
}

/** What each item of the list gets, beside the list's own component. */
const foreach = (list: ItemList, template: string, more = ''): string => `
  local.file "items" { filename = "${list.path}" }
  foreach "item" {
    collection = encoding.from_json(local.file.items.content)
    var        = "item"
    id         = "name"
    ${more}
    template { ${template} }
  }`

const ids = async (collector: Collector): Promise<readonly string[]> =>
  (await collector.live()).components.map(({ id }) => id).filter((id) => id.startsWith('foreach.'))
const untilItems = (collector: Collector, names: readonly string[], component: string): Promise<void> => {
  const wanted = names.map((name) => `foreach.item/foreach_${name}_1/${component}`).sort()
  return until(
    async () => JSON.stringify((await ids(collector)).toSorted()) === JSON.stringify(wanted),
    `components of ${names.join(', ')} alone`,
  )
}

describe('foreach', { timeout: 90_000 }, () => {
  test('over a list in a file starts and stops components as it changes, and the others lose nothing', async () => {
    const dir = temporaryDir()
    const { receiver, pushUrl } = await startReceiver()
    const writers = ['a', 'b', 'c'].map((name) => new LogWriter(dir, name))
    const items: readonly Item[] = ['a', 'b', 'c'].map((name, at) => ({ name, path: writers[at]!.path }))
    const list = new ItemList(dir)
    list.set(items.slice(0, 2))
    const source = `loki.source.file "log" {
      targets    = [{ __path__ = item.path }]
      forward_to = [loki.write.out.receiver]
    }`
    const collector = await startIngot({ config: foreach(list, source) + lokiWrite('out', pushUrl), dir, flags })
    for (const writer of writers) writer.flow(20)
    await untilFlowing(receiver, writers.slice(0, 2))
    const own = 'foreach.item/foreach_a_1/loki.source.file.log'
    let created = 0
    const rounds = [['a', 'b', 'c'], ['a'], ['c', 'a'], ['a', 'b', 'c']]
    for (const names of rounds) {
      list.set(items.filter(({ name }) => names.includes(name)))
      await untilItems(collector, names, 'loki.source.file.log')
      // Its counters would begin anew if it had been stopped.
      const { ledger } = (await collector.component(own))!
      expect(ledger.created).toBeGreaterThanOrEqual(created)
      created = ledger.created
      const soFar = arrivals(receiver).size
      await until(() => arrivals(receiver).size > soFar + 200, `lines with ${names.join(', ')}`)
    }
    collector.writeConfig(
      `${foreach(list, source)}${lokiWrite('out', pushUrl)}\nlocal.file "more" { filename = "${list.path}" }`,
    )
    expect(await collector.reload()).toMatchObject({
      status: 200,
      text: expect.stringContaining('0 updated, 1 started, 0 stopped, 5 untouched') as string,
    })
    for (const writer of writers) writer.pause()
    await untilArrived(receiver, writers, 'every line')
    const there = arrivals(receiver)
    expect(writers[0]!.lines.filter((line) => there.get(line) !== 1)).toEqual([])
    await untilBalanced(collector)
  })

  test('is shown as modules within, with the health of what is inside', async () => {
    const dir = temporaryDir()
    const list = new ItemList(dir)
    list.set([{ name: 'a', path: list.path }])
    const file = 'local.file "it" { filename = item.path }'
    const collector = await startIngot({ config: foreach(list, file), dir, flags })
    await untilItems(collector, ['a'], 'local.file.it')
    const json = async (path: string) => (await collector.get(`/api/v0/web/${path}`)).json() as Promise<unknown>
    expect(await json('components')).toMatchObject([
      { localID: 'local.file.items', referencedBy: ['foreach.item'], dataFlowEdgesTo: ['foreach.item'] },
      {
        name: 'foreach',
        label: 'item',
        localID: 'foreach.item',
        moduleID: '',
        referencesTo: ['local.file.items'],
        createdModuleIDs: ['foreach.item/foreach_a_1'],
        health: { state: 'healthy' },
      },
    ])
    expect(await json('modules/foreach.item/foreach_a_1/components')).toMatchObject([
      { name: 'local.file', localID: 'local.file.it', moduleID: 'foreach.item/foreach_a_1' },
    ])
    expect(await json('components/foreach.item')).toMatchObject({ arguments: expect.any(Array) as unknown[] })
    for (const id of ['foreach.item', 'foreach.item/foreach_a_1/local.file.it'])
      expect((await collector.get(`/component/${id}`)).status).toBe(200)

    list.set([
      { name: 'a', path: list.path },
      { name: 'gone', path: join(dir, 'absent') },
    ])
    await untilItems(collector, ['a', 'gone'], 'local.file.it')
    await until(async () => {
      const components = (await json('components')) as readonly { readonly health: { readonly state: string } }[]
      return components[1]!.health.state !== 'healthy'
    }, 'the foreach to be as its worst item')
  })

  test('keeps what runs when items make no sense, and goes on when they do', async () => {
    const dir = temporaryDir()
    const list = new ItemList(dir)
    list.set([{ name: 'a', path: list.path }])
    const file = 'local.file "it" { filename = item.path }'
    const collector = await startIngot({ config: foreach(list, file), dir, flags })
    await untilItems(collector, ['a'], 'local.file.it')
    const health = async () => {
      const response = await collector.get('/api/v0/web/components/foreach.item')
      return ((await response.json()) as { readonly health: { readonly state: string; readonly message: string } })
        .health
    }
    list.write('no JSON')
    await until(async () => (await health()).state === 'unhealthy', 'the foreach to be unhealthy')
    expect((await health()).message).toMatch(/^component evaluation failed: /)
    expect(await ids(collector)).toEqual(['foreach.item/foreach_a_1/local.file.it'])

    // One that lacks a field is unhealthy alone.
    list.set([{ name: 'a', path: list.path }, { name: 'b' }, { name: 'c', path: list.path }])
    await untilItems(collector, ['a', 'c'], 'local.file.it')
    await until(
      async () => (await health()).message.startsWith('foreach_b_1/local.file.it: '),
      'the item without a path',
    )
    list.set([{ name: 'c', path: list.path }])
    await untilItems(collector, ['c'], 'local.file.it')
    expect(await health()).toMatchObject({ state: 'healthy' })
  })

  test('runs without items whose template is wrong, and says so until they are gone', async () => {
    const dir = temporaryDir()
    const list = new ItemList(dir)
    list.set([{ name: 'a', path: list.path }])
    const file = 'local.file "it" { filename = item.path + nowhere.content }'
    const collector = await startIngot({ config: foreach(list, file), dir, flags })
    const page = async () => (await collector.get('/')).text()
    await until(async () => (await collector.get('/-/healthy')).status === 500, 'the foreach to be unhealthy')
    expect(await page()).toContain('nowhere.content')
    expect(await ids(collector)).toEqual([])
    list.set([])
    await until(async () => (await collector.get('/-/healthy')).status === 200, 'the foreach to be healthy')
    await until(async () => !(await page()).includes('nowhere.content'), 'nothing to be said of it')
  })

  test('passes a changed item on to what is made of it, and follows a storm of changes to its end', async () => {
    const dir = temporaryDir()
    const list = new ItemList(dir)
    list.set([
      { name: 'a', path: '/one' },
      { name: 'b', path: '/same' },
    ])
    const shown = 'discovery.relabel "it" { targets = [{ path = item.path }] }'
    const collector = await startIngot({ config: foreach(list, shown), dir, flags })
    await untilItems(collector, ['a', 'b'], 'discovery.relabel.it')
    const path = async (name: string) => {
      const response = await collector.get(`/api/v0/web/components/foreach.item/foreach_${name}_1/discovery.relabel.it`)
      return /"value":"(\/\w+)"/.exec(await response.text())?.[1]
    }
    const loads = () => [...collector.process.output.matchAll(/msg="configuration loaded"/g)].length
    const before = loads()
    list.set([
      { name: 'b', path: '/same' },
      { name: 'a', path: '/two' },
    ])
    await until(async () => (await path('a')) === '/two', 'the new value')
    expect(await path('b')).toBe('/same')
    expect(loads()).toBe(before)

    for (let i = 0; i < 40; i++) list.set(Array.from({ length: i }, (_, at) => ({ name: `n${at}`, path: `/p${i}` })))
    list.set([{ name: 'last', path: '/end' }])
    await untilItems(collector, ['last'], 'discovery.relabel.it')
    expect(await path('last')).toBe('/end')
  })

  test('shows metrics of what is inside only when it is told to', async () => {
    const dir = temporaryDir()
    const config = (enabled: boolean) => `
      foreach "item" {
        collection     = ["a"]
        var            = "item"
        enable_metrics = ${enabled}
        template {
          loki.process "p" { forward_to = [] }
        }
      }
      loki.process "outside" { forward_to = [] }`
    const collector = await startIngot({ config: config(false), dir, flags })
    const id = 'foreach.item/foreach_a_1/loki.process.p'
    const metrics = await collector.metrics()
    expect(metrics).toContain('component_id="loki.process.outside"')
    expect(metrics).not.toContain(id)
    collector.writeConfig(config(true))
    expect(await collector.reload()).toMatchObject({ status: 200 })
    expect(await collector.metrics()).toContain(`component_id="${id}"`)
  })
})
