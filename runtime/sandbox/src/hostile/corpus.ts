import { builtins } from './builtins.ts'
import { errors } from './errors.ts'
import { escapes } from './escapes.ts'
import { floods } from './floods.ts'
import type { HostileCase } from './hostile-case.ts'
import { leaks } from './leaks.ts'
import { loops } from './loops.ts'
import { memory } from './memory.ts'
import { prototypes } from './prototypes.ts'
import { results } from './results.ts'
import { turns } from './turns.ts'

/** What a module may do to a batch that says "poison", by class. */
export const corpus: Readonly<Record<string, readonly HostileCase[]>> = {
  loops,
  turns,
  memory,
  builtins,
  errors,
  escapes,
  leaks,
  results,
  prototypes,
  floods,
}
