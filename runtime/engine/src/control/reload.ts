import type { ReloadAnswer } from '../http/view.ts'
import type { LoadAgain } from './configuration.ts'
import type { LoadInput } from './load-configuration.ts'

/** Loads that follow from one: imports that components export the text of, whose components export the text of imports, and so on. */
export const roundsMax = 16

export interface Reload {
  /** The files of the running configuration, when only what they import and the items they have are to be read again. */
  readonly sources?: LoadInput['sources']
  readonly because?: LoadAgain
}

export interface InPart {
  /** Takes over what holds although values of other components do not. */
  readonly inPart: boolean
}

/** The answer to a reload, and whether what components exported with it calls for another one. */
export interface Adopted extends ReloadAnswer {
  readonly again: LoadAgain | undefined
  /** Why it was loaded again itself. */
  readonly because?: LoadAgain
}
