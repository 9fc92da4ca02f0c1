import type { PackProgress } from '@ingot/loader'

/** Says which first-party modules are being packed: a start after a change of sources takes seconds longer. */
export function showPacking({ module, state }: PackProgress): void {
  if (state === 'packing') process.stderr.write(`ingot: packing ${module}\n`)
}
