import { fileURLToPath } from 'node:url'

/** The checkout that this program runs from. */
export function checkoutRoot(): string {
  return fileURLToPath(new URL('../..', import.meta.url))
}
