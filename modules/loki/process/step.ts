import type { Clock, Random } from '@ingot/sdk'
import type { Entry } from './entry.ts'

/** One compiled stage. It changes the entry, or drops it by setting its reason. */
export type Step = (entry: Entry) => void

/** What stages need of the world. */
export interface StepWorld {
  readonly clock: Clock
  readonly random: Random
}

/** All steps as one. Later ones do not see a dropped entry. */
export function sequence(steps: readonly Step[]): Step {
  return (entry) => {
    for (const step of steps) {
      step(entry)
      if (entry.dropReason !== undefined) return
    }
  }
}
