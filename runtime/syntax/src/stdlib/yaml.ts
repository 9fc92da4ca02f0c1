import { parseDocument } from 'yaml'
import { CallError } from '../evaluate/call-error.ts'
import type { Value } from '../value.ts'
import { plainValue } from './plain-value.ts'
import { numberTag, timestampTag } from './yaml-scalars.ts'

/** Nodes that aliases may stand for, all in all: a few lines of aliases of aliases can make billions. */
const ALIASED_NODES_MAX = 10_000

/**
 * The first document of a YAML text as a value. Whole numbers are integers; `<<` merges; keys that are not strings
 * become strings.
 */
export function decodeYaml(text: string): Value {
  try {
    const document = parseDocument(text, {
      customTags: (tags) => [numberTag, timestampTag, ...tags],
      merge: true,
      prettyErrors: false,
    })
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
    if (error) throw new CallError('function-failed', `the text is not YAML (at character ${error.pos[0]})`)
    return plainValue(document.toJS({ maxAliasCount: ALIASED_NODES_MAX }))
  } catch (error) {
    if (error instanceof CallError) throw error
    // The library stops at too many aliases and at a full stack; neither says anything of the content.
    throw new CallError('function-failed', 'the text has too many aliases or levels of nesting')
  }
}
