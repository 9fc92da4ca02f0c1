import { LoaderError } from '@ingot/loader'
import { CommandError } from './command-error.ts'

/** Configuration and lockfile disagree: scripts tell it from other failures. */
export const lockExitCode = 3

/** Prints what went wrong for people, and gives the exit code. What nobody expected keeps its stack. */
export function reportError(error: unknown): number {
  if (error instanceof LoaderError) {
    for (const { code, message, hint } of error.problems) print(code, message, hint)
    return error.problems.some(({ code }) => code.startsWith('lock-')) ? lockExitCode : 1
  }
  if (error instanceof CommandError) print('command', error.message, error.hint)
  else if (isSystemError(error)) process.stderr.write(`ingot: ${error.message}\n`)
  else process.stderr.write(`ingot: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}

function print(code: string, message: string, hint: string | undefined): void {
  process.stderr.write(`error[${code}]: ${message}\n`)
  if (hint !== undefined) process.stderr.write(`  hint: ${hint}\n`)
}

/** The world failed, not the program: a file is missing, a folder may not be written. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined
}
