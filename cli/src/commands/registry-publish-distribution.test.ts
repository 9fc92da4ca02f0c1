import { fileURLToPath } from 'node:url'
import { describeSchema, indexLine, searchAnswer, type ModuleManifest } from '@ingot/manifest'
import { createServer, createToken, openRegistry } from '@ingot/registry-server'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const modules = ['discovery', 'local', 'loki', 'otelcol', 'prometheus'].map((name) => `@ingot/${name}`)

async function startRegistry(): Promise<{ url: string; token: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ingot-distribution-'))
  const registry = await openRegistry({ dataDir, url: 'http://registry.test' })
  const app = createServer(registry, { onError: (error) => console.error(error) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await registry.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { token } = await createToken(registry.meta.tokens, { description: 'test', modules: '@ingot/*' })
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, token }
}

test(
  'publish-distribution puts everything that Ingot has into a registry, documented, and leaves what is there',
  { timeout: 120_000 },
  async () => {
    const { url, token } = await startRegistry()
    const run = async (): Promise<{ modules: { name: string; state: string }[] }> => {
      const args = [main, 'registry', 'publish-distribution', '--registry', url, '--token', token, '--json']
      const { stdout } = await promisify(execFile)(process.execPath, args)
      return JSON.parse(stdout) as { modules: { name: string; state: string }[] }
    }
    const states = async () => (await run()).modules.map(({ name, state }) => [name, state])
    expect(await states()).toEqual(modules.map((name) => [name, 'published']))
    expect(await states()).toEqual(modules.map((name) => [name, 'unchanged']))

    const found = searchAnswer.parse(await (await fetch(`${url}/api/v1/search?q=loki.source.file`)).json())
    expect(found.items[0]).toMatchObject({ name: '@ingot/loki', signals: ['logs'] })
    for (const name of modules) expect(await gaps(url, name), name).toEqual([])
  },
)

/** What the pages of a module would leave blank. */
async function gaps(url: string, name: string): Promise<string[]> {
  const [, line] = (await (await fetch(`${url}/index/${name}.ndjson`)).text()).split('\n')
  const { v } = indexLine.parse(JSON.parse(line!))
  const document = await (await fetch(`${url}/m/${name}/${v}/manifest.json`)).json()
  const { manifest, files } = document as { manifest: ModuleManifest; files: { path: string }[] }
  const missing = files.some(({ path }) => path === 'README.md') ? [] : ['README.md']
  for (const component of manifest.components) {
    for (const schema of [component.arguments, component.exports]) {
      const { fields, blocks } = describeSchema(schema)
      for (const { path, docs, fields: inner } of [
        { path: component.name, docs: component.summary, fields },
        ...blocks,
      ]) {
        if (docs === '') missing.push(`${component.name}: ${path}`)
        for (const field of inner) {
          if (field.docs === '' || field.type === 'any') missing.push(`${component.name}: ${path} > ${field.name}`)
        }
      }
    }
  }
  return missing
}
