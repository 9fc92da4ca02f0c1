import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDistribution, referencePages, root } from './reference-pages.ts'

const folder = join(root, 'docs/reference')

test('docs/reference is what npm run docs makes', async () => {
  const pages = await referencePages(await loadDistribution())
  const present = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const stale = [...new Set([...pages.keys(), ...present])]
    .filter((path) => !present.includes(path) || readFileSync(join(folder, path), 'utf8') !== pages.get(path))
    .map((path) => `docs/reference/${path} is out of date: run npm run docs`)
  expect(stale).toEqual([])
}, 180_000)
