import { CommandError } from './command-error.ts'

/** Runs work on a registry's storage. What that refuses is told as a mistake of the call, without the stack of a program's fault. */
export async function withRefusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Cannot ')) throw new CommandError(error.message)
    throw error
  }
}
