import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { alloyFlagNames, takeAlloyFlags } from './alloy-flags.ts'
import { commandLine } from './command-line.ts'

interface Reference {
  readonly commands: readonly { readonly name: string; readonly flags: readonly { readonly name: string }[] }[]
}
const reference = JSON.parse(
  readFileSync(new URL('../../test/compat/reference/cli.json', import.meta.url), 'utf8'),
) as Reference

test.for(['run', 'validate'])('ingot %s takes every flag that alloy has for it', async (name) => {
  const command = (await commandLine(name)).commands.find((one) => one.name() === name)!
  const known = new Set([...command.options.map(({ long }) => long), ...alloyFlagNames])
  const wanted = reference.commands.find((one) => one.name === name)!.flags.map((flag) => flag.name)
  expect(wanted.filter((flag) => !known.has(flag))).toEqual([])
})

test('takeAlloyFlags() leaves other words as they are', () => {
  const words = ['run', 'config.alloy', '--storage.path=/data', '--lanes', '2']
  expect(takeAlloyFlags(words)).toEqual({ words, notes: [] })
})

test('takeAlloyFlags() does not take a word for the value of a boolean flag', () => {
  const taken = takeAlloyFlags(['run', '--disable-reporting', '--server.http.enable-pprof', 'config.alloy'])
  expect(taken.words).toEqual(['run', 'config.alloy'])
  expect(taken.notes).toEqual([
    '--server.http.enable-pprof has no effect: there is no profile of a Go program to serve',
  ])
})

test('takeAlloyFlags() takes a value from the same word or the next one', () => {
  const words = ['run', '--cluster.name', 'a', '--cluster.node-name=b', 'config.alloy']
  expect(takeAlloyFlags(words)).toMatchObject({ words: ['run', 'config.alloy'], notes: { length: 2 } })
})

test('takeAlloyFlags() says nothing where what is asked for is so anyway', () => {
  const words = ['--cluster.enabled=false', '--config.format', 'alloy', '--server.http.enable-graphql=false']
  expect(takeAlloyFlags(words)).toEqual({ words: [], notes: [] })
})

test('takeAlloyFlags() refuses what would make the collector do something else', () => {
  expect(() => takeAlloyFlags(['--cluster.enabled'])).toThrow('Cannot run with --cluster.enabled=true: clustering')
  expect(() => takeAlloyFlags(['--config.format=otelcol'])).toThrow('"otelcol" is not read')
})

test('takeAlloyFlags() takes nothing after --', () => {
  expect(takeAlloyFlags(['run', '--', '--cluster.enabled'])).toEqual({
    words: ['run', '--', '--cluster.enabled'],
    notes: [],
  })
})
