/** `GET /api/v1/search` (registry.md §2.1): how modules are looked for, and what is answered. */
import { z } from 'zod'

/** Words beyond these are left out of the query. */
export const searchWordsMax = 8
const queryCharactersMax = 200
const itemsMax = 100
const itemsDefault = 30
const valuesMax = 16
const valueCharactersMax = 200

/** What modules are told apart by, beside words. */
export const searchFacets = ['signal', 'kind', 'capability', 'component', 'license', 'trust'] as const
export type SearchFacet = (typeof searchFacets)[number]

/** Value of the facet `capability` for modules that ask for none. */
export const noCapability = 'none'

export const searchSort = z.enum(['relevance', 'updated', 'name'])

/** Given once or several times: `?signal=logs&signal=traces` finds what has either. */
const values = z
  .preprocess(
    (given) => (given === undefined ? [] : Array.isArray(given) ? given : [given]),
    z.array(z.string().min(1).max(valueCharactersMax)).max(valuesMax),
  )
  .describe('Given several times, any of the values will do.')

export const searchParameters = z.strictObject({
  q: z.string().max(queryCharactersMax).default('').describe('Words; each must begin a word of the module.'),
  signal: values,
  kind: values,
  capability: values,
  component: values,
  license: values,
  trust: values,
  sort: searchSort.default('relevance'),
  cursor: z.string().max(1_000).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(itemsMax).default(itemsDefault),
})
export type SearchParameters = z.output<typeof searchParameters>

/** A text of the module in which words of the query were found: its parts, in order, tell where. */
export const searchHighlight = z.object({
  field: z.enum(['name', 'keywords', 'description', 'readme']),
  parts: z.array(z.object({ text: z.string(), match: z.boolean() })),
})
export type SearchHighlight = z.infer<typeof searchHighlight>

/** The newest active version of a module, as lists show it. */
export const searchItem = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  keywords: z.array(z.string()),
  /** Names of its components and functions. */
  components: z.array(z.string()),
  kinds: z.array(z.string()),
  signals: z.array(z.string()),
  /** Readable lines, one for each power. */
  capabilities: z.array(z.string()),
  license: z.string(),
  trust: z.int(),
  status: z.string(),
  publishedAt: z.string(),
  highlights: z.array(searchHighlight),
})
export type SearchItem = z.infer<typeof searchItem>

/** How many of the modules have each value; those most have come first, and what was asked for is always there. */
export const facetCounts = z.array(
  z.object({
    value: z.string(),
    /** Of the modules that match everything but the choices within this facet. */
    count: z.int(),
    selected: z.boolean(),
  }),
)
export type FacetCounts = z.infer<typeof facetCounts>

export const searchAnswer = z.object({
  total: z.int(),
  items: z.array(searchItem),
  facets: z.record(z.enum(searchFacets), facetCounts),
  next: z.string().nullable(),
})
export type SearchAnswer = z.infer<typeof searchAnswer>
