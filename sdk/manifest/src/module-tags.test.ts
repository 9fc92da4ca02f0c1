import { expect, test } from 'vitest'
import { activeTags, latestVersion, moduleTag } from './module-tags.ts'

test.each([
  ['latest', true],
  ['v-next', true],
  ['x', false],
  ['1.x', false],
  ['Beta', false],
  ['', false],
  ['a'.repeat(41), false],
])('moduleTag takes %j: %s', (tag, taken) => {
  expect(moduleTag.safeParse(tag).success).toBe(taken)
})

const versions = [
  { version: '1.0.0', status: 'active' },
  { version: '1.2.0', status: 'active' },
  { version: '1.3.0', status: 'yanked' },
  { version: '2.0.0-rc.1', status: 'active' },
]

test.each([
  [undefined, '1.2.0'],
  ['1.0.0', '1.0.0'],
  ['1.3.0', '1.2.0'],
  ['9.0.0', '1.2.0'],
])('latestVersion() set to %s is %s', (setTo, version) => {
  expect(latestVersion(versions, setTo)?.version).toBe(version)
})

test('latestVersion() is a prerelease where nothing else is active, and nothing where nothing is', () => {
  expect(latestVersion(versions.slice(2))?.version).toBe('2.0.0-rc.1')
  expect(latestVersion(versions.slice(2, 3))).toBeUndefined()
})

test('activeTags() leaves out tags of versions that are not active', () => {
  expect(activeTags(versions, { stable: '1.0.0', old: '1.3.0', latest: '1.3.0' })).toEqual({
    latest: '1.2.0',
    stable: '1.0.0',
  })
})
