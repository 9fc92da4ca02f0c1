import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { authorPackages } from '../testing/author-packages.ts'
import { temporaryDir } from '../testing/temporary-dir.ts'
import { evaluateBundle } from './evaluate-bundle.ts'
import { packModule } from './pack-module.ts'

const imports = `import { defineFunction, duration, receiver, rest, secret } from '@ingot/sdk'\nimport { z } from 'zod'\n`
const described = `stability: 'experimental', summary: 'It.', examples: [{ args: [], result: '' }]`

const endpoint = `${imports}export default defineFunction({
  name: 'endpoint', ${described},
  parameters: { region: z.string().describe('Where.'), wait: duration().prefault('1s'), parts: rest(z.int()).describe('More.') },
  result: z.string().describe('The URL.'),
  run: ({ region }) => region,
})`
const constant = `${imports}export default defineFunction({ name: 'constant', ${described}, parameters: {}, result: z.string(), run: () => 'c' })`

async function pack(functions: Readonly<Record<string, string>>, more = '') {
  const dir = await temporaryDir()
  const names = JSON.stringify(Object.keys(functions))
  const source = `export default { name: '@acme/it', version: '1.0.0', description: 'It.', license: 'MIT', functions: ${names}${more} }`
  await writeFile(join(dir, 'module.ts'), source)
  for (const [name, text] of Object.entries(functions)) {
    await mkdir(join(dir, name))
    await writeFile(join(dir, name, 'function.ts'), text)
  }
  return packModule(dir, { packages: { ...authorPackages, zod: fileURLToPath(import.meta.resolve('zod')) } })
}

function declared(parameters: string, result = 'z.string()'): string {
  return `${imports}export default defineFunction({ name: 'f', ${described}, parameters: ${parameters}, result: ${result}, run: () => '' })`
}

describe('packing functions', { timeout: 60_000 }, () => {
  test('describes parameters in their order, and what a call gives', async () => {
    const { manifest } = await pack({ endpoint, constant })
    expect(manifest.functions).toMatchObject([
      {
        name: 'endpoint',
        parameters: [
          { name: 'region', optional: false, schema: { type: 'string', description: 'Where.' } },
          { name: 'wait', optional: true, schema: { default: '1s', ingot: { kind: 'duration' } } },
          { name: 'parts', optional: true, schema: { type: 'integer', description: 'More.' } },
        ],
        variadic: true,
        result: { type: 'string', description: 'The URL.' },
        examples: [{ args: [], result: '' }],
      },
      { name: 'constant', parameters: [], variadic: false },
    ])
  })

  test('puts all of them into one bundle, in the order of the manifest', async () => {
    const { manifest, files } = await pack({ endpoint, constant })
    const [first, second] = manifest.functions
    const { entry, sha256 } = first!
    const bundle = files.find(({ path }) => path === entry)!
    expect([sha256, second!.sha256]).toEqual(Array(2).fill(createHash('sha256').update(bundle.bytes).digest('hex')))
    const list = (await evaluateBundle(Buffer.from(bundle.bytes).toString())) as { readonly name: string }[]
    expect(list.map(({ name }) => name)).toEqual(['endpoint', 'constant'])
    const map = JSON.parse(Buffer.from(files.find(({ path }) => path === `${entry}.map`)!.bytes).toString()) as object
    expect(map).toMatchObject({ sources: ['endpoint/function.ts', 'constant/function.ts'] })
  })

  test.each([
    ['no default export', { f: 'export const f = 1' }, /Cannot pack function ".*f": found no default export/],
    [
      'a parameter after one that may be left out',
      { f: declared('{ a: z.string().optional(), b: z.string() }') },
      /"b" must be given/,
    ],
    ['rest that is not last', { f: declared('{ a: rest(z.string()), b: z.string().optional() }') }, /"a" is rest/],
    ['a secret whose result can be read', { f: declared('{ key: secret() }') }, /result has to be secret\(\)/],
    [
      'a secret inside of an object',
      { f: declared('{ key: z.object({ a: secret() }) }') },
      /result has to be secret\(\)/,
    ],
    ['a receiver', { f: declared("{ to: receiver('loki.logs') }") }, /kind "receiver", want a value/],
    ['two of one name', { a: declared('{}'), b: declared('{}') }, /two components or functions named "f"/],
    [
      'no example',
      { f: declared('{}').replace("examples: [{ args: [], result: '' }]", 'examples: []') },
      /at least one example/,
    ],
  ])('refuses %s', async (_, functions, message) => {
    await expect(pack(functions)).rejects.toThrow(message)
  })
})
