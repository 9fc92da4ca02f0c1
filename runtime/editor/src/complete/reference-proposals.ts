import { typeText } from '@ingot/manifest'
import { CompletionItemKind } from 'vscode-languageserver'
import { type Field, fieldsOf } from '../names/fields.ts'
import { outerPlace, partsOf, type Place } from '../names/file-set.ts'
import type { Names } from '../names/resolve.ts'
import type { Source } from '../source/source.ts'
import type { Proposal } from './proposal.ts'
import type { Wanted } from './value-proposals.ts'

export interface ReferenceOptions {
  readonly wanted: Wanted | undefined
  /** Whether the value is an item of a list that is written out. */
  readonly inList: boolean
  /** The block that is written, which cannot refer to itself. */
  readonly own: { readonly open: number } | undefined
  readonly source: Source
}

/** What other blocks offer that fits the place; those that surely do not fit are left out. */
export function* referenceProposals(names: Names, place: Place, options: ReferenceOptions): Generator<Proposal> {
  const { own, source } = options
  for (let at: Place | undefined = place; at; at = at.part.transparent ? outerPlace(at) : undefined) {
    if (at.part.variable !== undefined) {
      yield {
        label: at.part.variable.name,
        kind: CompletionItemKind.Variable,
        detail: 'item of the collection',
        rank: '1',
      }
    }
    // Blocks of one name offer the same in a whole place: of most nothing fits.
    const offered = new Map<string, readonly Offer[]>()
    for (const part of partsOf(at)) {
      for (const [name, ids] of part.idsByName) {
        const first = part.ids.get(ids[0]!)!
        const offers = offered.get(name) ?? offersOf(fieldsOf(names, { set: at.set, part }, first), options.wanted)
        offered.set(name, offers)
        if (offers.length === 0) continue
        for (const id of ids) {
          if (part.source === source && part.ids.get(id)!.body.span.start === own?.open) continue
          for (const { field, fit } of offers) yield proposal(`${id}.${field.name}`, field, fit, options)
        }
      }
    }
  }
}

type Fit = 'exact' | 'perhaps'

interface Offer {
  readonly field: Field
  readonly fit: Fit
}

function offersOf(fields: readonly Field[], wanted: Wanted | undefined): readonly Offer[] {
  return fields.flatMap((field) => {
    const fit = fitOf(field, wanted)
    return fit ? [{ field, fit }] : []
  })
}

function proposal(label: string, { type, docs }: Field, fit: Fit, { wanted, inList }: ReferenceOptions): Proposal {
  // A single receiver stands for no list of them.
  const bracketed = wanted?.shape.mark?.kind === 'receivers' && !inList && fit === 'exact'
  return {
    label,
    kind: CompletionItemKind.Reference,
    detail: type,
    docs,
    filter: label,
    ...(bracketed && { insert: `[${label}]` }),
    rank: fit === 'exact' ? '1' : '5',
  }
}

function fitOf(field: Field, wanted: Wanted | undefined): Fit | undefined {
  if (!wanted || !field.schema) return 'perhaps'
  const { mark } = wanted.shape
  const own = field.schema.schema['ingot'] as { kind?: unknown; types?: unknown } | undefined
  if (mark?.kind === 'receivers' || mark?.kind === 'receiver') {
    if (own?.kind !== 'receiver') return undefined
    const accepted = Array.isArray(own.types) ? (own.types as unknown[]) : []
    return (mark.types ?? []).every((type) => accepted.includes(type)) ? 'exact' : undefined
  }
  if (own?.kind === 'receiver') return undefined
  return field.type === typeText(wanted.shape.raw) ? 'exact' : 'perhaps'
}
