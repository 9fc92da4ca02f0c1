import type { ComponentManifest } from '@ingot/manifest'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { expect, test } from 'vitest'
import { edgePolicies, sinksInCompany } from './edge-policies.ts'

const sender = { arguments: { properties: { forward_to: { ingot: { kind: 'receivers' } } } } }
const manifests = new Map<string, unknown>([
  ['source', sender],
  ['steps', sender],
  ['a', { arguments: {}, settles: 'with delivery' }],
  ['b', { arguments: {}, settles: 'with delivery' }],
  ['durable', { arguments: {}, settles: 'when durable' }],
])
const manifestOf = (id: string) => manifests.get(id) as ComponentManifest | undefined

const sendingTo = (...components: string[]): ArgumentsFrame => ({
  value: {},
  secrets: [],
  outputs: [
    { path: ['forward_to'], receivers: components.map((component) => ({ component, port: 'receiver', types: [] })) },
  ],
})

const company = (graph: Record<string, string[]>) => [
  ...sinksInCompany(new Map(Object.entries(graph).map(([id, to]) => [id, sendingTo(...to)])), manifestOf),
]

test('a sink alone needs no spilling edge, however many send to it', () => {
  expect(company({ source: ['steps', 'a'], steps: ['a'] })).toEqual([])
})

test('sinks that share a source are in company, transforms between', () => {
  expect(company({ source: ['steps', 'a'], steps: ['b'] }).toSorted()).toEqual(['a', 'b'])
})

test('sinks of separate pipelines are not in company', () => {
  expect(company({ source: ['a'], steps: ['b'] })).toEqual([])
})

test('a sink with a durable queue of its own is left out, and still company for others', () => {
  expect(company({ source: ['durable', 'a'] })).toEqual(['a'])
})

test('edgePolicies() spills to sinks in company and blocks to others', () => {
  const policies = edgePolicies(sendingTo('steps', 'a'), undefined, new Set(['a']))
  expect(policies['steps.receiver']!.policy).toBe('block')
  expect(policies['a.receiver']!.policy).toBe('spill')
})

test('edgePolicies() does what the ingot block says', () => {
  const settings = { policy: 'drop_oldest', memory: 1000, disk: 2000 } as const
  expect(edgePolicies(sendingTo('a'), settings, new Set(['a']))).toEqual({
    'a.receiver': { policy: 'drop_oldest', memoryBytes: 1000, diskBytes: 2000 },
  })
})
