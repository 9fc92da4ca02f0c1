import { expect, test } from 'vitest'
import { capabilityChanges } from './capability-changes.ts'

test.each([
  ['new powers', ['clock'], ['clock', 'exec sh'], { added: ['exec sh'] }],
  ['powers that are gone', ['clock', 'exec sh'], ['clock'], { removed: ['exec sh'] }],
  [
    'a wider pattern',
    ['http.request https://api.acme.example'],
    ['http.request https://*.acme.example'],
    { widened: [{ from: 'http.request https://api.acme.example', to: 'http.request https://*.acme.example' }] },
  ],
  [
    'a narrower pattern as new, since it may not be',
    ['fs.read /var/log/*'],
    ['fs.read /var/log/app'],
    { added: ['fs.read /var/log/app'], removed: ['fs.read /var/log/*'] },
  ],
  [
    'the same pattern of another capability as new',
    ['fs.read /var/*'],
    ['fs.read /var/*', 'fs.write /var/log'],
    { added: ['fs.write /var/log'] },
  ],
  [
    'a pattern that overlaps as new',
    ['fs.read /a*b'],
    ['fs.read /a*c'],
    { added: ['fs.read /a*c'], removed: ['fs.read /a*b'] },
  ],
])('capabilityChanges() tells %s', (_, before, after, changes) => {
  expect(capabilityChanges(before, after)).toEqual({ added: [], widened: [], removed: [], ...changes })
})
