import { packModule } from '@ingot/loader'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { SourcePositions } from './source-positions.ts'

const component = `interface Unused { readonly it: string }

export default {
  name: 'it', stability: 'experimental', summary: 'It.',
  arguments: { _zod: { def: { type: 'unknown' } } },
  run(what: Unused) {
    fail(what)
  },
}

function fail(what: Unused): never {
  throw new Error(what.it)
}
`

/** A packed bundle in a file, and the stack of an error that it throws. */
async function thrown(): Promise<{ readonly bundlePath: string; readonly stack: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-positions-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await mkdir(join(dir, 'it'))
  const described = { name: '@acme/it', version: '1.0.0', description: 'It.', license: 'MIT', components: ['it'] }
  await writeFile(join(dir, 'module.ts'), `export default ${JSON.stringify(described)}`)
  await writeFile(join(dir, 'it/component.ts'), component)
  for (const { path, bytes } of (await packModule(dir)).files) {
    await mkdir(dirname(join(dir, 'packed', path)), { recursive: true })
    await writeFile(join(dir, 'packed', path), bytes)
  }
  const bundlePath = join(dir, 'packed/components/it.mjs')
  const { default: definition } = (await import(pathToFileURL(bundlePath).href)) as {
    default: { run(what: object): void }
  }
  try {
    definition.run({ it: 'no' })
  } catch (error) {
    return { bundlePath, stack: (error as Error).stack! }
  }
  throw new Error('it did not throw')
}

test('SourcePositions finds the place of an error in a lane, and maps its stack', async () => {
  const { bundlePath, stack } = await thrown()
  const positions = new SourcePositions(bundlePath)
  expect(positions.place(stack)).toBe('it/component.ts:12:9')
  expect(positions.mapped(stack)).toContain('it/component.ts:7:5')
  expect(positions.mapped(stack)).not.toContain('it.mjs:')
})

test('SourcePositions knows the name that bundles have in a runner', async () => {
  const { bundlePath, stack } = await thrown()
  const inRunner = stack.replaceAll(pathToFileURL(bundlePath).href, 'module.mjs')
  expect(new SourcePositions(bundlePath).place(inRunner)).toBe('it/component.ts:12:9')
})

test.each([
  ['there is no map', undefined],
  ['the map is broken', '{ "mappings": 3'],
  ['the map leads nowhere', '{ "version": 3, "sources": [], "names": [], "mappings": "" }'],
])('SourcePositions leaves a stack as it is when %s', async (_, map) => {
  const { bundlePath, stack } = await thrown()
  await rm(`${bundlePath}.map`)
  if (map !== undefined) await writeFile(`${bundlePath}.map`, map)
  const positions = new SourcePositions(bundlePath)
  expect([positions.place(stack), positions.mapped(stack)]).toEqual([undefined, stack])
})
