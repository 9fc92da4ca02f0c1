import { equal, ok } from 'node:assert/strict'
import { searchAnswer, type SearchAnswer } from '@ingot/manifest'
import type { StorageOptions } from '@ingot/registry-server'
import { fillRegistry, RegistryProcess, type FilledModule } from '@ingot/registry-server/testing'
import { ModuleMaker } from './made-up-modules.ts'
import { percentile } from './percentile.ts'

/** Every so many queries the answer is compared with what reading all modules gives. */
const comparedEvery = 10
const pagesWalkedMax = 40

export interface SearchProof {
  readonly storage: StorageOptions
  readonly modules: number
  /** Of each kind. */
  readonly queries: number
  readonly seed: number
  readonly progress?: (done: number) => void
}

export interface SearchFigures {
  readonly kind: string
  readonly p50Ms: number
  readonly p99Ms: number
}

/** What people type, and how often it is found in what. */
const kinds: Readonly<Record<string, (maker: ModuleMaker, modules: readonly FilledModule[]) => string>> = {
  name: (maker, modules) => `q=${encodeURIComponent(maker.pick(modules).manifest.name)}`,
  'beginning of a name': (maker, modules) => `q=${maker.pick(modules).manifest.name.split('/')[1]!.slice(0, 8)}`,
  keyword: (maker, modules) => `q=${maker.pick(maker.pick(modules).manifest.keywords!)}`,
  'words of descriptions': (maker, modules) => {
    const words = maker.pick(modules).manifest.description.split(' ')
    return `q=${maker.pick(words)}+${maker.pick(words)}`
  },
  'words of READMEs': (maker, modules) => `q=${maker.pick(maker.pick(modules).readme.split(/\s+/).slice(2))}`,
  facets: (maker) =>
    `signal=${maker.pick(['logs', 'metrics'])}&kind=sink&capability=none&q=${maker.word().slice(0, 3)}`,
  everything: (maker) => `sort=${maker.pick(['updated', 'name', 'relevance'])}`,
}

/**
 * Searches a registry of made-up modules, one query after the other, and compares some of the answers with those of
 * reading everything. @throws AssertionError
 */
export async function proveSearch(proof: SearchProof): Promise<SearchFigures[]> {
  const maker = new ModuleMaker(proof.seed)
  const modules = Array.from({ length: proof.modules }, (_, index) => maker.module(index))
  await fillRegistry(proof.storage, modules, proof.progress)
  const server = await RegistryProcess.start(proof.storage)
  try {
    await search(server.url, 'q=warm')
    const figures: SearchFigures[] = []
    for (const [kind, query] of Object.entries(kinds)) {
      const times: number[] = []
      for (let at = 0; at < proof.queries; at++) {
        const text = query(maker, modules)
        const start = performance.now()
        const answer = await search(server.url, text)
        times.push(performance.now() - start)
        if (at % comparedEvery === 0) wantComplete(answer, new URLSearchParams(text), modules)
      }
      figures.push({ kind, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) })
    }
    await wantPages(server.url, `q=${maker.word().slice(0, 2)}&limit=100`)
    return figures
  } finally {
    await server.kill()
  }
}

async function search(url: string, query: string): Promise<SearchAnswer> {
  const response = await fetch(`${url}/api/v1/search?${query}`)
  equal(response.status, 200, `${query}: ${response.status}`)
  return searchAnswer.parse(await response.json())
}

/** As many as there are, of the right ones, counted right. */
function wantComplete(answer: SearchAnswer, query: URLSearchParams, modules: readonly FilledModule[]): void {
  const words = wordsOf(query.get('q') ?? '')
  const matching = modules.filter((module) =>
    words.every((word) => textWords(module).some((own) => own.startsWith(word))),
  )
  const facets = ['signal', 'kind', 'capability'] as const
  const chosen = matching.filter((module) =>
    facets.every((facet) => !query.has(facet) || facetOf(module, facet).includes(query.get(facet)!)),
  )
  equal(answer.total, chosen.length, `${query.toString()} finds ${answer.total} modules, want ${chosen.length}`)
  const names = new Set(chosen.map(({ manifest }) => manifest.name))
  for (const { name } of answer.items) ok(names.has(name), `${query.toString()} finds ${name}`)
  if (facets.some((facet) => query.has(facet))) return
  for (const facet of facets) {
    for (const { value, count } of answer.facets[facet]) {
      equal(
        count,
        matching.filter((module) => facetOf(module, facet).includes(value)).length,
        `${query.toString()}: ${facet} ${value}`,
      )
    }
  }
}

/** Page after page gives each module once, as many as were promised. */
async function wantPages(url: string, query: string): Promise<void> {
  const seen = new Set<string>()
  let cursor = ''
  let walked = 0
  for (let page = 0; page < pagesWalkedMax; page++) {
    const { items, next, total } = await search(url, `${query}${cursor}`)
    for (const { name } of items) seen.add(name)
    walked += items.length
    equal(seen.size, walked, `${query}: a module comes twice`)
    if (next === null) {
      equal(walked, total)
      return
    }
    cursor = `&cursor=${next}`
  }
}

const textsByModule = new WeakMap<FilledModule, readonly string[]>()

function textWords(module: FilledModule): readonly string[] {
  const known = textsByModule.get(module)
  if (known) return known
  const { name, description, keywords = [], components } = module.manifest
  const texts = components.flatMap((component) => [component.name, component.summary, ...component.tags])
  const words = [...new Set(wordsOf([name, description, ...keywords, ...texts, module.readme].join(' ')))]
  textsByModule.set(module, words)
  return words
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? []
}

function facetOf({ manifest }: FilledModule, facet: 'signal' | 'kind' | 'capability'): string[] {
  const { arguments: given, exports, capabilities } = manifest.components[0]!
  const [sends, takes] = [portsOf(given, 'forward_to'), portsOf(exports, 'receiver')]
  if (facet === 'capability') return Object.keys(capabilities).length > 0 ? Object.keys(capabilities) : ['none']
  if (facet === 'signal') return [...new Set([...sends, ...takes].map((type) => type.split('.')[1]!))]
  if (takes.length > 0) return [sends.length > 0 ? 'transform' : 'sink']
  return [sends.length > 0 ? 'source' : 'values']
}

function portsOf(schema: Readonly<Record<string, unknown>>, property: string): string[] {
  const { properties } = schema as { properties: Record<string, { ingot: { types: string[] } } | undefined> }
  return properties[property]?.ingot.types ?? []
}
