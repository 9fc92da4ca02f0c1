import { capabilityDocument, describeSchema, reachesOutside, type FieldDescription } from '@ingot/manifest'
import type { VersionDetail } from '../../storage/meta/version-store.ts'

/** One thing that makes a module better to use, how much of it is there, and what would add to it. */
export interface ScoreFactor {
  readonly title: string
  readonly points: number
  readonly of: number
  readonly hint: string
}

/** Characters of a README that explains something. */
const readmeCharactersMin = 300
/** Reachable things that a module may ask for and still be called narrow. */
const narrowCapabilitiesMax = 2

/** What can be seen of a version's quality. Nothing is ranked by it. */
export function scoreOf({ manifest, readme, trust }: VersionDetail): readonly ScoreFactor[] {
  const fields = manifest.components.flatMap(({ arguments: schema }) => {
    const { fields: own, blocks } = describeSchema(schema)
    return [...own, ...blocks.flatMap((block) => block.fields)]
  })
  const outside = Object.entries(capabilityDocument(manifest)).filter(([name]) => reachesOutside(name))
  const open = outside.filter(([, requests]) =>
    requests.some(({ from, values }) => from === undefined && !values?.length),
  )
  return [
    factor(
      'README',
      2,
      (readme?.length ?? 0) >= readmeCharactersMin,
      'a README that says what it is for, with an example',
    ),
    factor(
      'Summaries',
      1,
      manifest.components.every(({ summary }) => summary.length > 0),
      'a summary for every component',
    ),
    { title: 'Documented arguments', points: documented(fields), of: 3, hint: 'a description for every argument' },
    factor('Source', 1, manifest.source !== undefined, 'the address of its source'),
    factor('Few capabilities', 2, outside.length <= narrowCapabilitiesMax, 'fewer capabilities that reach outside'),
    factor(
      'Narrow capabilities',
      2,
      open.length === 0,
      'requests that name what they reach, or the argument that does',
    ),
    factor('Sandboxed', 1, manifest.kind === 'portable', 'portable code: native code runs without a sandbox'),
    factor(
      'Stable',
      1,
      manifest.components.every(({ stability }) => stability !== 'experimental'),
      'components beyond "experimental"',
    ),
    {
      title: 'Known publisher',
      points: Math.min(trust, 3),
      of: 3,
      hint: 'a trusted publisher, and the approval of a person',
    },
  ]
}

function factor(title: string, of: number, given: boolean, hint: string): ScoreFactor {
  return { title, of, points: given ? of : 0, hint }
}

function documented(fields: readonly FieldDescription[]): number {
  if (fields.length === 0) return 3
  return Math.floor((3 * fields.filter(({ docs }) => docs !== '').length) / fields.length)
}
