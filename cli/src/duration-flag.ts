import { parseDuration } from '@ingot/syntax'
import { CommandError } from './command-error.ts'

/** Milliseconds of a flag such as "72h". A unit is wanted, so that nobody counts days where hours are meant. */
export function durationFlag(text: string): number {
  const nanoseconds = parseDuration(text)
  if (nanoseconds === undefined || nanoseconds < 0n)
    throw new CommandError(`Cannot read "${text}": want a duration such as "72h"`)
  return Number(nanoseconds / 1_000_000n)
}
