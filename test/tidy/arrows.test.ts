import { expect, test } from 'vitest'
import { arrows } from './arrows.ts'
import { codeFiles, importsOf, type CodeFile } from './source-files.ts'

/** `@ingot/sdk/host` → `@ingot/sdk`. */
const packageOf = (specifier: string): string => specifier.split('/').slice(0, 2).join('/')

function violations(files: readonly CodeFile[]): string[] {
  return files.flatMap((file) => {
    const arrow = arrows.find(({ folder }) => file.path.startsWith(`${folder}/`))
    if (!arrow) return []
    const isTest = /\.test\.ts$|\/testdata\/|\/testing\//.test(file.path)
    const allowed = [...arrow.may, ...(isTest ? (arrow.tests ?? []) : [])]
    return importsOf(file)
      .filter((specifier) => specifier.startsWith('@ingot/') && !allowed.includes(packageOf(specifier)))
      .map((specifier) => `${file.path} imports ${specifier}`)
  })
}

test('packages import only along the declared arrows', () => {
  expect(violations(codeFiles())).toEqual([])
})

test('violations() finds an import against the arrows', () => {
  const bad = { path: 'sdk/telemetry/src/x.ts', text: "import { a } from '@ingot/engine'\n" }
  expect(violations([bad])).toEqual(['sdk/telemetry/src/x.ts imports @ingot/engine'])
})

test('relative imports stay inside their package', () => {
  const packages = arrows
    .map(({ folder }) => folder)
    .filter((folder) => folder !== 'modules' && folder !== 'examples/modules')
  const leaving = codeFiles().flatMap((file) => {
    const home = packages.find((folder) => file.path.startsWith(`${folder}/`))
    if (!home) return []
    const depth = file.path.slice(home.length + 1).split('/').length - 1
    return importsOf(file)
      .filter((specifier) => (specifier.match(/\.\.\//g)?.length ?? 0) > depth)
      .map((specifier) => `${file.path} imports ${specifier}`)
  })
  expect(leaving).toEqual([])
})

test('nobody imports a module, and each dangerous dependency has one importer', () => {
  const homes: Readonly<Record<string, readonly string[]>> = {
    'isolated-vm': ['runtime/sandbox/'],
    fastify: ['registry-server/', 'runtime/engine/'],
    kysely: ['registry-server/'],
    pg: ['registry-server/'],
    '@aws-sdk/client-s3': ['registry-server/'],
    rolldown: ['runtime/loader/', 'runtime/sandbox/', 'cli/', 'test/'],
  }
  const wrong = codeFiles().flatMap((file) =>
    importsOf(file)
      .filter((specifier) => {
        if (specifier.startsWith('@ingot/module-')) return true
        const home = homes[specifier]
        return home !== undefined && !home.some((folder) => file.path.startsWith(folder))
      })
      .map((specifier) => `${file.path} imports ${specifier}`),
  )
  expect(wrong).toEqual([])
})
