import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSigningKey, roleKeys } from '@ingot/trust'
import { expect, onTestFinished, test } from 'vitest'
import { openKeys } from './registry-keys.ts'

test('openKeys() makes a key for each role once, and wants all of them in the root document', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-keys-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const [first, second] = await Promise.all([openKeys(dir, 'http://a.test'), openKeys(dir, 'http://a.test')])
  expect(second.rootText).toBe(first.rootText)
  for (const role of ['publish', 'log', 'index'] as const) {
    expect(roleKeys(first.root, role).map(({ keyId }) => keyId)).toEqual([second[role].publicKey.keyId])
  }
  await writeFile(join(dir, 'log.pem'), generateSigningKey().toPem())
  await expect(openKeys(dir, 'http://a.test')).rejects.toThrow('found no mention of it in version 1')
})
