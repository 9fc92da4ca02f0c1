import type { ComponentManifest } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { placeComponent } from './placement.ts'

const manifest = (scaling: ComponentManifest['scaling']) => ({ scaling }) as ComponentManifest
const ids = Array.from({ length: 200 }, (_, i) => `loki.write.w${i}`)

test('placeComponent() puts a replicated component into every lane', () => {
  expect(placeComponent('a.b.c', manifest('replicate'), 'lane', 3)).toEqual([0, 1, 2])
})

test('placeComponent() puts a single component into one lane, always the same, and spreads them', () => {
  const used = new Set<number>()
  for (const id of ids) {
    const [lane, ...more] = placeComponent(id, manifest('single'), 'lane', 4)
    expect(more).toEqual([])
    expect(placeComponent(id, manifest('single'), 'lane', 4)).toEqual([lane])
    used.add(lane!)
  }
  expect([...used].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
})

test('placeComponent() feeds a runner from one lane, however the component scales', () => {
  for (const id of ids) expect(placeComponent(id, manifest('replicate'), 'runner', 4)).toHaveLength(1)
})
