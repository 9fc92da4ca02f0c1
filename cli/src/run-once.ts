import { setFlagsFromString } from 'node:v8'

/**
 * For commands that end once they have answered: the optimizing compiler costs more CPU than what it makes saves before
 * the process is gone. The quick compilers remain.
 */
export function runOnce(): void {
  setFlagsFromString('--no-opt')
}
