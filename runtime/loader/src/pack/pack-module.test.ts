import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { readArchive } from '@ingot/trust'
import { describe, expect, test } from 'vitest'
import { LoaderError } from '../loader-error.ts'
import { authorPackages, testModule } from '../testing/author-packages.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { evaluateBundle } from './evaluate-bundle.ts'
import { packModule, type PackedModule } from './pack-module.ts'

const pack = (dir: string): Promise<PackedModule> => packModule(dir, { packages: authorPackages })

async function refusal(dir: string): Promise<LoaderError> {
  const error: unknown = await pack(dir).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(LoaderError)
  return error as LoaderError
}

async function moduleWith(component: string): Promise<string> {
  const dir = await temporaryDir()
  await mkdir(join(dir, 'it'))
  await writeFile(
    join(dir, 'module.ts'),
    `export default { name: '@acme/it', version: '1.0.0', description: 'It.', license: 'MIT', components: ['it'] }`,
  )
  await writeFile(join(dir, 'it', 'component.ts'), component)
  return dir
}

describe('packModule()', { timeout: 60_000 }, () => {
  test('describes what the components declare', async () => {
    const { manifest } = await pack(testModule('greeter'))
    expect(manifest).toMatchObject({
      name: '@acme/greeter',
      version: '1.2.0',
      kind: 'portable',
      configs: ['twice.alloy'],
    })
    const [hello] = manifest.components
    expect(hello).toMatchObject({ name: 'hello', scaling: 'single', entry: 'components/hello.mjs' })
    expect(hello!.capabilities).toEqual({
      'http.request': [{ why: 'Asks for the name of the day.', values: ['names.example:443'] }],
    })
    expect(hello!.arguments).toMatchObject({
      required: ['name', 'forward_to'],
      additionalProperties: false,
      properties: {
        every: {
          type: 'string',
          default: '1m',
          description: 'Time between two greetings.',
          ingot: { kind: 'duration' },
        },
        forward_to: { ingot: { kind: 'receivers', types: ['loki.logs'] } },
      },
    })
  })

  test('bundles a component into one module without imports', async () => {
    const { manifest, files } = await pack(testModule('greeter'))
    const bundle = files.find(({ path }) => path === 'components/hello.mjs')!
    const code = Buffer.from(bundle.bytes).toString()
    expect(code).not.toMatch(/^\s*import\b/m)
    expect(code).not.toContain(process.cwd())
    expect(manifest.components[0]!.sha256).toBe(createHash('sha256').update(bundle.bytes).digest('hex'))
    expect(await evaluateBundle(code)).toMatchObject({ name: 'hello' })
  })

  test('brings a source map that leads from the bundle to its own sources and to no others', async () => {
    const { files } = await pack(testModule('greeter'))
    const text = (path: string): string => Buffer.from(files.find((file) => file.path === path)!.bytes).toString()
    const map = JSON.parse(text('components/hello.mjs.map')) as SourceMapPayload
    expect(map.sources).toEqual(['hello/greeting.ts', 'hello/component.ts'])
    const lines = text('components/hello.mjs').split('\n')
    const line = lines.findIndex((each) => each.includes('names.example'))
    const source = await readFile(join(testModule('greeter'), 'hello/component.ts'), 'utf8')
    const wanted = source.split('\n').findIndex((each) => each.includes('names.example'))
    const column = lines[line]!.indexOf('names.example')
    expect(new SourceMap(map).findEntry(line, column)).toMatchObject({ originalLine: wanted })
    expect(new SourceMap(map).findEntry(0, 0)).toEqual({})
  })

  test('packs what is written in JavaScript', async () => {
    const dir = await moduleWith('')
    const source = "import { defineComponent } from '@ingot/sdk'\nimport { z } from 'zod'\n"
    await writeFile(
      join(dir, 'it/component.js'),
      `${source}export default defineComponent({ name: 'it', stability: 'experimental', summary: 'It.', arguments: z.strictObject({}), run() {} })`,
    )
    await rm(join(dir, 'it/component.ts'))
    await rename(join(dir, 'module.ts'), join(dir, 'module.js'))
    const packages = { ...authorPackages, zod: import.meta.resolve('zod').slice('file://'.length) }
    expect((await packModule(dir, { packages })).manifest.components.map(({ name }) => name)).toEqual(['it'])
  })

  test('names the way to a built-in import of a package', async () => {
    const dir = await moduleWith(`import 'outer'\nexport default {}`)
    const write = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(dir, path)), { recursive: true })
      await writeFile(join(dir, path), text)
    }
    await write('node_modules/outer/package.json', '{ "name": "outer", "main": "index.js" }')
    await write('node_modules/outer/index.js', `import './lib/read.js'`)
    await write('node_modules/outer/lib/read.js', `import 'inner'`)
    await write('node_modules/inner/package.json', '{ "name": "inner", "main": "main.js" }')
    await write('node_modules/inner/main.js', `const fs = require('fs')\nexports.fs = fs`)
    const { code, message } = await refusal(dir)
    expect(code).toBe('native-import')
    const chain = ['it/component.ts', 'outer/index.js', 'outer/lib/read.js', 'inner/main.js']
    const [entry, ...rest] = chain
    const root = basename(dir)
    expect(message).toBe(
      `Cannot pack "${root}/${entry}" as a portable module: found import of "fs", by way of ${[`${root}/${entry}`, ...rest].join(' → ')}, want none of Node.js' own modules`,
    )
  })

  test('takes documents, configs and examples, and nothing else', async () => {
    const { archive } = await pack(testModule('greeter'))
    const paths: string[] = []
    for await (const { path } of readArchive(archive)) paths.push(path)
    expect(paths).toEqual([
      'README.md',
      'components/hello.mjs',
      'components/hello.mjs.map',
      'examples/world.alloy',
      'module.json',
      'twice.alloy',
    ])
  })

  test('gives the same bytes for the same sources, wherever they lie', async () => {
    const copy = join(await temporaryDir(), 'another', 'name')
    await cp(testModule('greeter'), copy, { recursive: true })
    await chmod(join(copy, 'README.md'), 0o600)
    await utimes(join(copy, 'README.md'), 1, 1)
    const packages = { ...authorPackages, zod: import.meta.resolve('zod').slice('file://'.length) }
    const [here, there] = [await pack(testModule('greeter')), await packModule(copy, { packages })]
    expect(there.integrity).toBe(here.integrity)
  })

  test('writes the archive to the folder that is asked for', async () => {
    const outDir = join(await temporaryDir(), 'dist')
    const { path } = await packModule(testModule('greeter'), { packages: authorPackages, outDir })
    expect(path).toBe(join(outDir, 'acme-greeter-1.2.0.tgz'))
  })

  test('refuses built-in imports of a portable module', async () => {
    const error = await refusal(testModule('reads-files'))
    expect(error.code).toBe('native-import')
    expect(error.message).toBe(
      `Cannot pack "reads-files/reader/component.ts" as a portable module: found import of "node:fs", want none of Node.js' own modules`,
    )
    expect(error.hint).toContain('env')
  })

  test('refuses an import that cannot be found', async () => {
    const error = await refusal(await moduleWith(`import x from 'left-out'\nexport default x`))
    expect(error.code).toBe('import-unresolved')
    expect(error.message).toContain('"left-out"')
  })

  test.each([
    ['no default export', 'export const a = 1', 'found no default export'],
    ['a default export that is no definition', 'export default { name: "it" }', 'want a zod schema'],
    ['a module that throws', 'const what: string = "no"\nthrow new Error(`oh ${what}`)', 'oh no (it/component.ts:2:7)'],
  ])('refuses %s', async (_, component, message) => {
    const error = await refusal(await moduleWith(component))
    expect(error.code).toBe('component-invalid')
    expect(error.message).toContain(message)
  })

  test('refuses a folder without module.ts', async () => {
    expect((await refusal(await temporaryDir())).code).toBe('module-source-invalid')
  })

  test('reports every broken component at once', async () => {
    const dir = await temporaryDir()
    await writeFile(
      join(dir, 'module.ts'),
      `export default { name: '@acme/it', version: '1.0.0', description: 'It.', license: 'MIT', components: ['a', 'b'] }`,
    )
    expect((await refusal(dir)).problems).toHaveLength(2)
  })
})
